internal import ArgumentParser
internal import FoundationEssentials
internal import Net
internal import PAP

/// `status`: what the agent knows now.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "What is leased, what is validated, and whether the router answers")

  @OptionGroup var socket: SocketOption

  @Flag(help: "Print JSON for programs")
  var json = false

  func run() throws {
    let report: StatusReport = try AgentClient.ask(socket.path, .status)
    StandardStream.output.say(json ? try Self.json(report) : report.text)
  }

  private static func json(_ report: StatusReport) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(report), as: UTF8.self) + "\n"
  }
}

extension StatusReport {
  /// The report for people.
  fileprivate var text: String {
    var lines = [
      "router      \(router) \(answering ? "answers" : "is silent") since \(since ?? "-")",
      "address     \(externalAddress.map { "\($0)" } ?? "-")",
      "SPIs        \(spiRange)",
      "claims      \(claims.isEmpty ? "-" : claims.map { "\($0)" }.joined(separator: ", "))",
      "ports       \(ports.map { "\($0.first)-\(UInt32($0.first) + UInt32($0.count) - 1)" } ?? "-")",
      "lease ends  \(leaseExpires ?? "-")",
      "tunnel      \(tunnel.map { "\($0.device) (\($0.kind), MTU \($0.mtu))" } ?? "-")",
      "IKE daemon  \(ike.daemon)\(ike.connected ? ", connected" : "")",
    ]
    lines += entries.map { row in
      let spi = row.spiIn.map { "\($0)" } ?? "any SPI"
      return "entry       \(row.address) \(row.protocol.name) \(spi) \(row.state)"
        + (row.state == "refused" ? ": \(row.result ?? "")" : "")
    }
    return lines.map { $0.terminalSafe + "\n" }.joined()
  }

  private var spiRange: String {
    slot.map { "slot \($0): \($0.firstSPI) to \($0.lastSPI)" } ?? "-"
  }
}
