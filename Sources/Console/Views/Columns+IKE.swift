internal import Engine
internal import PAP

extension Columns {
  /// Labels, IKE SAs, and sources that are held back.
  static let ike: [Column] = {
    let column = ColumnMaker { row in
      if case .ike(let row) = row { row } else { nil }
    }
    return [
      column("", 1, priority: 0) { CellText.mark($0, $1) },
      column("KIND", 12, least: 9, priority: 1, sort: "kind") { row, _ in
        TextRun(row.kind, CellText.role(ofIKE: row.kind))
      },
      column("HOST", 8, upTo: 20, priority: 0, sort: "host") { row, _ in
        TextRun(row.host ?? "-", .textStrong)
      },
      column("PEER", 15, priority: 0, sort: "peer") { row, _ in
        TextRun(row.peer?.description ?? "-", row.peer == nil ? .textDim : .textStrong)
      },
      column("INITIATOR SPI", 18, priority: 3, sort: "spi") { CellText.ikeSPI($0, $1) },
      column("HOST IS", 9, priority: 5, sort: "role") { row, _ in TextRun(row.role ?? "") },
      column("BY", 7, priority: 4, sort: "by") { row, _ in
        TextRun(row.by ?? "", row.by == "learned" ? .stateAttention : .textDim)
      },
      column("AGE", 6, priority: 2, .right, sort: "since", isTime: true) {
        CellText.ago($0.since, $1)
      },
      column("SEEN", 6, priority: 3, .right, sort: "lastSeen", descending: true, isTime: true) {
        CellText.ago($0.lastSeen, $1)
      },
      column("EXPIRES", 7, priority: 7, .right, sort: "expires", isTime: true) {
        CellText.until($0.expires, $1, never: "-")
      },
      column("COUNT", 6, priority: 6, .right, sort: "count", descending: true) { row, _ in
        TextRun(Format.count(row.count), row.count > 1 ? .text : .textDim)
      },
    ]
  }()
}
