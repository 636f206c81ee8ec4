internal import Engine

extension Columns {
  /// What operators and the router did.
  static let audit: [Column] = {
    let column = ColumnMaker { row in
      if case .audit(let row) = row { row } else { nil }
    }
    return [
      column("", 1, priority: 9) { CellText.mark($0, $1) },
      column("TIME", 8, priority: 0, sort: "time", descending: true, isTime: true) { row, context in
        CellText.time(row.time, context)
      },
      column("BY", 8, upTo: 16, priority: 1, sort: "by") { row, _ in
        TextRun(row.by, row.kind == "action" ? .textStrong : .textDim)
      },
      column("ACTION", 10, priority: 1, sort: "action") { row, _ in
        TextRun(row.action, CellText.role(ofAudit: row))
      },
      column("TARGET", 18, least: 12, priority: 2, sort: "target") { row, _ in
        TextRun(row.target, .textStrong)
      },
      column("RESULT", 8, upTo: 14, priority: 3, sort: "result") { row, _ in
        TextRun(row.result, row.result == "done" ? .stateOK : .stateFail)
      },
      column(
        "WHAT", 20, upTo: 80, least: 10, priority: 4,
        fields: ["message", "before", "after", "reason"]
      ) { row, _ in
        TextRun(row.message)
      },
      column("FROM", 15, priority: 6, sort: "source") { row, _ in
        TextRun(row.source ?? "", .textDim)
      },
      column("ROW", 6, priority: 7, .right, sort: "sequence", descending: true) { row, _ in
        TextRun(row.sequence.map(String.init) ?? "", .textDim)
      },
      column("DATE", 10, priority: 8, fields: ["time"]) { row, _ in
        TextRun(String(row.time.prefix(10)), .textDim)
      },
    ]
  }()
}
