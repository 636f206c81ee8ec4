internal import Engine
internal import PAP

extension Columns {
  /// The drop log.
  static let log: [Column] = {
    let column = ColumnMaker { row in
      if case .drop(let row) = row { row } else { nil }
    }
    return [
      column("", 1, priority: 9) { CellText.mark($0, $1) },
      column("TIME", 8, priority: 0, sort: "time", descending: true, isTime: true) { row, context in
        CellText.time(row.time, context)
      },
      column("DIR", 3, priority: 4, sort: "direction") { row, _ in
        TextRun(row.direction == Direction.inbound.name ? "in" : "out", .textDim)
      },
      column("REASON", 21, least: 12, priority: 1, sort: "reason") { row, _ in
        TextRun(row.reason, CellText.role(ofReason: row.reason))
      },
      column("SOURCE", 15, priority: 0, sort: "source") { row, _ in
        TextRun(row.source?.description ?? "-", .textStrong)
      },
      column("DESTINATION", 15, priority: 6, sort: "destination") { row, _ in
        TextRun(row.destination?.description ?? "-")
      },
      column("PROTO", 5, priority: 3, sort: "protocol") { row, _ in
        TextRun(row.protocol ?? "-")
      },
      column(
        "SPI/PORTS", 11, priority: 2, sort: "spi",
        fields: ["spi", "sourcePort", "destinationPort"]
      ) { row, _ in CellText.spiOrPorts(row) },
      column("HOST", 8, upTo: 16, priority: 5, sort: "host") { row, _ in
        TextRun(row.host ?? "-")
      },
      column("LEN", 5, priority: 7, .right, sort: "length") { row, _ in
        TextRun(row.length?.description ?? "-")
      },
      column("COUNT", 6, priority: 3, .right, sort: "count", descending: true) { row, _ in
        TextRun(Format.count(row.count), row.count > 1 ? .textStrong : .textDim)
      },
    ]
  }()
}
