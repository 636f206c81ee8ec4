internal import ArgumentParser
internal import Engine
internal import FoundationEssentials
internal import Net
internal import PAP

/// `ctl drops`: the drop log, as it is or as it grows.
struct CtlDrops: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drops", abstract: "The drop log, oldest row first",
    discussion: FilterGuide.text(for: "drops"))
  @OptionGroup var engine: SocketOption
  @OptionGroup var output: OutputOption
  @Flag(help: "Print new rows as they come, until interrupted") var follow = false
  @Option(help: "The newest so many rows (100, or none with --follow)") var last: UInt32?
  @Option(help: "Only rows with this drop reason") var reason: DropReason?
  @OptionGroup var filter: FilterOption

  func run() throws { try filter.explaining(list) }

  private func list() throws {
    let client = try engine.connect()
    var arguments: [String: JSONValue] = ["last": .integer(Int64(last ?? (follow ? 0 : 100)))]
    arguments.merge(filter.argument) { $1 }
    if let reason { arguments["reason"] = .string(reason.name) }
    if follow {
      try followRows(client, arguments)
    } else if output.json {
      try StandardStream.output.line(TerminalSafeJSON.text(of: client.callRaw("drops", arguments)))
    } else {
      var table = DropText.table
      for row in try client.call("drops", arguments, as: [DropRow].self) {
        DropText.add(row, to: &table)
      }
      try StandardStream.output.write(table.text.utf8)
    }
  }

  private func followRows(_ client: ControlClient, _ arguments: [String: JSONValue]) throws {
    var arguments = arguments
    arguments["events"] = .array([.string("drops")])
    try client.send("subscribe", arguments)
    while true {
      _ = try Readiness.wait(on: client.descriptor, for: .readable, atMost: nil)
      for incoming in try client.receive() {
        switch incoming {
        case .reply(_, .failure(let error)): throw ControlClientError.refused(error)
        case .reply: break
        case .event(_, let line): try printRow(line)
        }
      }
    }
  }

  private struct Event: Decodable {
    var row: DropRow
  }

  private func printRow(_ line: Data) throws {
    guard let row = try? ControlClient.decode(Event.self, from: line).row else { return }
    if output.json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      try StandardStream.output.line(TerminalSafeJSON.text(of: encoder.encode(row)))
    } else {
      try StandardStream.output.line(DropText.line(row))
    }
  }
}

/// Rows of the drop log for people.
enum DropText {
  /// An empty table.
  static var table: TextTable {
    TextTable("TIME", "DIR", "REASON", "FROM", "TO", "PROTO", "SPI", "HOST", "LENGTH>", "COUNT>")
  }

  /// Adds a row to a table.
  static func add(_ row: DropRow, to table: inout TextTable) {
    table.add(
      row.time, row.direction, row.reason, end(row.source, row.sourcePort),
      end(row.destination, row.destinationPort), row.protocol ?? "",
      row.spi.map { "\($0)" } ?? "", row.host ?? "", row.length.map { "\($0)" } ?? "",
      "\(row.count)")
  }

  /// A row as a line of its own, for rows that come one by one.
  static func line(_ row: DropRow) -> String {
    let parts = [
      row.time, row.direction, row.reason, row.protocol,
      "\(end(row.source, row.sourcePort)) > \(end(row.destination, row.destinationPort))",
      row.spi.map { "spi \($0)" }, row.host.map { "host \($0)" },
      row.length.map { "length \($0)" }, row.count > 1 ? "x\(row.count)" : nil,
    ]
    return parts.compactMap { $0 }.joined(separator: " ").terminalSafe
  }

  private static func end(_ address: IPv4Address?, _ port: UInt16?) -> String {
    guard let address else { return "?" }
    return port.map { "\(address):\($0)" } ?? "\(address)"
  }
}
