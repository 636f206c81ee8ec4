internal import Engine
internal import PAP

extension Columns {
  /// Peers as operators act on them.
  static let peers: [Column] = {
    let column = ColumnMaker { row in
      if case .peer(let row) = row { row } else { nil }
    }
    return [
      column("", 1, priority: 0) { CellText.mark($0, $1) },
      column("ADDRESS", 18, priority: 0, sort: "target") { row, _ in
        TextRun(row.target.short, .textStrong)
      },
      column("STATE", 7, priority: 1, sort: "state") { row, _ in
        TextRun(row.state, row.state == "revoked" ? .stateFail : .stateOK)
      },
      column("HOSTS", 9, upTo: 14, priority: 2, fields: ["hosts"]) { row, _ in
        CellText.hosts(row)
      },
      column("ENTRIES", 7, priority: 4, .right, sort: "entries", descending: true) { row, _ in
        TextRun(row.entries == 0 ? "-" : String(row.entries))
      },
      Column(
        "PPS", 6, priority: 1, .right, sort: "packetsPerSecond", descending: true, cell: packetRate),
      Column(
        "BIT/S", 6, priority: 6, .right, sort: "bitsPerSecond", descending: true, cell: bitRate),
      column("DROPS", 6, priority: 2, .right, sort: "drops", descending: true) {
        CellText.drops($0.drops, $1)
      },
      column("SEEN", 6, priority: 5, .right, sort: "lastSeen", descending: true, isTime: true) {
        CellText.ago($0.lastSeen, $1)
      },
      column("UNTIL", 7, priority: 4, .right, sort: "expires", isTime: true) { row, context in
        row.state == "revoked"
          ? CellText.until(row.expires, context, never: "lifted") : TextRun("")
      },
      column("BY", 8, upTo: 12, priority: 7, sort: "by") { row, _ in
        TextRun(row.by ?? "")
      },
      column("REASON", 10, upTo: 40, priority: 8, fields: ["reason"]) { row, _ in
        TextRun(row.reason ?? "", .textDim)
      },
    ]
  }()
}
