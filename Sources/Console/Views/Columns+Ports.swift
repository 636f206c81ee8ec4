internal import Engine

extension Columns {
  /// Who has which ports.
  static let ports: [Column] = {
    let column = ColumnMaker { row in
      if case .ports(let row) = row { row } else { nil }
    }
    return [
      column("", 1, priority: 0) { row, context in
        TextRun(
          String(context.glyphs[CellText.glyph(ofPorts: row.state)]),
          CellText.role(ofPorts: row.state))
      },
      column("PORTS", 11, priority: 0, sort: "first") { row, _ in
        TextRun("\(row.first)-\(Int(row.first) + row.count - 1)", .textStrong)
      },
      column("STATE", 11, priority: 1, sort: "state") { row, _ in
        TextRun(row.state, CellText.role(ofPorts: row.state))
      },
      column("HOST", 10, upTo: 20, least: 8, priority: 0, sort: "host") { row, _ in
        TextRun(row.host ?? "-", row.host == nil ? .textDim : .text)
      },
      column("COUNT", 6, priority: 4, .right, sort: "count", descending: true) { row, _ in
        TextRun(String(row.count))
      },
      column("SINCE", 6, priority: 3, .right, sort: "since", isTime: true) { row, context in
        row.state == "leased" && row.since == nil
          ? TextRun("start", .textDim) : CellText.ago(row.since, context)
      },
      column("EXPIRES", 7, priority: 2, .right, sort: "expires", isTime: true) {
        CellText.until($0.expires, $1, never: "-")
      },
      column("QUARANTINE", 10, priority: 2, .right, sort: "quarantineEnds", isTime: true) {
        CellText.until($0.quarantineEnds, $1, never: "-")
      },
    ]
  }()
}
