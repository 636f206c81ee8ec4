internal import ArgumentParser
internal import Configuration
internal import Engine
internal import PAP

// The verbs that act. The engine answers when the effect holds for every packet.

/// A verb that changes something and answers with one sentence, and with what takes it back.
protocol CtlAction: CtlVerb where Answer == ActionReport {
  /// What is asked for; who asks is added.
  var action: [String: JSONValue?] { get }
}

extension CtlAction {
  var request: [String: JSONValue?] {
    action.merging(OperatorOrigin.arguments(via: .ctl)) { wanted, _ in wanted }
  }

  func text(of answer: ActionReport) -> String {
    let done = answer.message.terminalSafe + "\n"
    guard let action = answer.action, let seconds = answer.undoableFor else { return done }
    return done + "to take it back within \(seconds) s: dnat-console ctl undo \(action)\n"
  }
}

/// `ctl validate`.
struct CtlValidate: CtlAction {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "Let an external address reach a host")
  static let verb = "validate"
  @OptionGroup var engine: SocketOption
  @OptionGroup var output: OutputOption
  @Argument(help: "The external address") var address: IPv4Address
  @Option(help: "The inside host") var host: String
  @Option(help: "esp or ah; both if not given") var `protocol`: IPsecProtocol?
  @Option(help: "Only this SPI of the host") var spi: SPI?
  @Option(name: .customLong("for"), help: "How long: 90, 90s, 10m, 2h, 1d") var span: Span?

  var action: [String: JSONValue?] {
    [
      "address": .string("\(address)"), "host": .string(host),
      "protocol": `protocol`.map { .string($0.name) }, "spi": spi.map { .string("\($0)") },
      "for": span.map { .integer(Int64($0.seconds)) },
    ]
  }
}

/// `ctl invalidate`.
struct CtlInvalidate: CtlAction {
  static let configuration = CommandConfiguration(
    commandName: "invalidate", abstract: "Remove the entries for an external address")
  static let verb = "invalidate"
  @OptionGroup var engine: SocketOption
  @OptionGroup var output: OutputOption
  @Argument(help: "The external address") var address: IPv4Address
  @Option(help: "Only entries of this host") var host: String?
  @Option(help: "Only entries for this SPI of the host") var spi: SPI?

  var action: [String: JSONValue?] {
    [
      "address": .string("\(address)"), "host": host.map { .string($0) },
      "spi": spi.map { .string("\($0)") },
    ]
  }
}

/// `ctl revoke`.
struct CtlRevoke: CtlAction {
  static let configuration = CommandConfiguration(
    commandName: "revoke",
    abstract: "Cut an external address or prefix off, and forbid to validate it again")
  static let verb = "revoke"
  @OptionGroup var engine: SocketOption
  @OptionGroup var output: OutputOption
  @Argument(help: "The external address or prefix", transform: CIDR.parse) var target: CIDR
  @Option(help: "For this host only") var host: String?
  @Option(name: .customLong("for"), help: "How long: 90, 90s, 10m, 2h, 1d") var span: Span?
  @Option(help: "Why, for other operators to read") var reason: String?

  var action: [String: JSONValue?] {
    [
      "target": .string("\(target)"), "host": host.map { .string($0) },
      "for": span.map { .integer(Int64($0.seconds)) }, "reason": reason.map { .string($0) },
    ]
  }
}

/// `ctl unrevoke`.
struct CtlUnrevoke: CtlAction {
  static let configuration = CommandConfiguration(
    commandName: "unrevoke", abstract: "Lift a revocation; hosts may validate the address again")
  static let verb = "unrevoke"
  @OptionGroup var engine: SocketOption
  @OptionGroup var output: OutputOption
  @Argument(help: "The address or prefix that was revoked", transform: CIDR.parse) var target: CIDR
  @Option(help: "The host that the revocation is for") var host: String?

  var action: [String: JSONValue?] {
    ["target": .string("\(target)"), "host": host.map { .string($0) }]
  }
}

/// `ctl suspend`.
struct CtlSuspend: CtlAction {
  static let configuration = CommandConfiguration(
    commandName: "suspend", abstract: "Let nothing through to or from a host")
  static let verb = "suspend"
  @OptionGroup var engine: SocketOption
  @OptionGroup var output: OutputOption
  @Argument(help: "The inside host") var host: String

  var action: [String: JSONValue?] { ["host": .string(host)] }
}

/// `ctl resume`.
struct CtlResume: CtlAction {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Let a suspended host go on")
  static let verb = "resume"
  @OptionGroup var engine: SocketOption
  @OptionGroup var output: OutputOption
  @Argument(help: "The inside host") var host: String

  var action: [String: JSONValue?] { ["host": .string(host)] }
}

/// `ctl reload`.
struct CtlReload: CtlVerb {
  typealias Answer = ConfigurationDifference
  static let configuration = CommandConfiguration(
    commandName: "reload",
    abstract: "Go on under what the configuration file says now, whole or not at all")
  static let verb = "reload"
  @OptionGroup var engine: SocketOption
  @OptionGroup var output: OutputOption

  var request: [String: JSONValue?] { OperatorOrigin.arguments(via: .ctl).mapValues { $0 } }

  func text(of answer: ConfigurationDifference) -> String {
    let lines = answer.isEmpty ? ["nothing changed"] : answer.lines
    return lines.map { $0.terminalSafe + "\n" }.joined()
  }
}
