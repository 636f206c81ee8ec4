internal import ArgumentParser
internal import Engine
internal import Net

/// `ctl audit`.
struct CtlAudit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "What operators have done, oldest first",
    discussion: """
      Each row carries a hash over itself and the row before. --verify follows the chain and names \
      the first row that was changed, removed or put in.

      A filter chooses among the newest rows that --limit names.

      """ + FilterGuide.text(for: ViewFields.auditLog))
  @OptionGroup var engine: SocketOption
  @OptionGroup var output: OutputOption
  @Option(help: "The newest so many rows (default: 1000)") var limit: UInt32?
  @OptionGroup var filter: FilterOption
  @Flag(help: "Check that no row was changed; exit code 1 if one was") var verify = false

  func validate() throws {
    if verify, limit != nil { throw ValidationError("--verify looks at every row: no --limit") }
    if verify, filter.filter != nil {
      throw ValidationError("--verify looks at every row: no --filter")
    }
  }

  func run() throws {
    let client = try engine.connect()
    try verify ? check(client) : list(client)
  }

  private func list(_ client: ControlClient) throws {
    var arguments = filter.argument
    arguments["limit"] = limit.map { .integer(Int64($0)) }
    let answer = try filter.explaining { try client.callRaw("audit", arguments) }
    if output.json { return try StandardStream.output.line(TerminalSafeJSON.text(of: answer)) }
    var table = TextTable("NUMBER>", "TIME", "WHO", "ACTION", "TARGET", "RESULT", "WHAT")
    for row in try ControlClient.decode([AuditReportRow].self, from: answer) {
      table.add(
        "\(row.sequence)", row.time,
        row.actor.source.map { "\(row.actor.name)@\($0)" } ?? row.actor.name,
        row.action, row.target, row.result, row.message ?? "")
    }
    try StandardStream.output.write(table.text.utf8)
  }

  private func check(_ client: ControlClient) throws {
    let answer = try client.callRaw("audit-verify", [:])
    let found = try ControlClient.decode(AuditCheck.self, from: answer)
    if output.json { try StandardStream.output.line(TerminalSafeJSON.text(of: answer)) }
    if let row = found.firstBroken {
      throw Failure(
        .failed,
        "row \(row) of the audit log was changed, removed or put in; \(found.rows) are intact")
    }
    if !output.json { try StandardStream.output.line("\(found.rows) rows, all intact") }
  }
}
