public import ArgumentParser
public import Engine
internal import Net
public import PAP

/// Where a running engine is.
struct SocketOption: ParsableArguments {
  /// The environment variable that names the socket.
  static let variable = "DNAT_CONSOLE_SOCKET"

  @Option(
    help: "The control socket of the engine (environment: DNAT_CONSOLE_SOCKET)",
    completion: .file())
  var socket: String?

  /// What was said, else what the environment says, else the usual place.
  var path: String {
    let named = socket ?? ThisProcess.environment(Self.variable)
    return named.flatMap { $0.isEmpty ? nil : $0 } ?? "/run/dnat-console/control.sock"
  }

  /// Connects to the engine.
  func connect() throws(ControlClientError) -> ControlClient {
    try ControlClient(socketPath: path)
  }
}

/// How an answer is printed.
struct OutputOption: ParsableArguments {
  @Flag(help: "Print JSON for programs")
  var json = false
}

/// A length of time as people write it: `90`, `90s`, `10m`, `2h`, `1d`.
struct Span: ExpressibleByArgument, Equatable {
  /// Whole seconds, at least 1.
  let seconds: UInt32

  init?(argument: String) {
    let units: [Character: UInt64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
    let unit = argument.last.flatMap { units[$0] }
    let digits = unit == nil ? argument[...] : argument.dropLast()
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }),
      let number = UInt32(digits),
      let seconds = UInt32(exactly: UInt64(number) * (unit ?? 1)), seconds > 0
    else { return nil }
    self.seconds = seconds
  }
}

extension IPv4Address: ExpressibleByArgument {
  /// Reads a dotted quad.
  public init?(argument: String) { self.init(argument) }
}

extension CIDR {
  /// Reads `ADDRESS` or `ADDRESS/LENGTH`, or says what is wrong with it.
  static func parse(argument text: String) throws -> CIDR {
    if let prefix = CIDR(text) { return prefix }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPv4Address(parts[0]), let length = Int(parts[1]),
      (0...32).contains(length)
    else { throw ValidationError("it is written as 192.0.2.7 or 192.0.2.0/24") }
    let meant = CIDR(address, prefixLength: length)
    throw ValidationError("it has bits beyond its length; did you mean \(meant)?")
  }
}

extension SPI: ExpressibleByArgument {
  /// Reads `0x` and hexadecimal digits, or a decimal number.
  public init?(argument: String) { self.init(argument) }
}

extension IPsecProtocol: ExpressibleByArgument {
  /// Reads `esp` or `ah`, and `any` for both.
  public init?(argument: String) { self.init(name: argument) }
  /// What the option takes.
  public static var allValueStrings: [String] { allCases.map(\.name) }
}

extension DropReason: ExpressibleByArgument {
  /// Reads a name of the contract.
  public init?(argument: String) { self.init(name: argument) }
  /// All names of the contract.
  public static var allValueStrings: [String] { allCases.map(\.name) }
}
