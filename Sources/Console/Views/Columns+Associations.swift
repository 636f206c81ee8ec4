internal import Engine
internal import PAP

extension Columns {
  /// The established SA table.
  static let associations: [Column] = {
    let column = ColumnMaker { row in
      if case .association(let row) = row { row } else { nil }
    }
    return [
      column("", 1, priority: 0) { CellText.mark($0, $1) },
      column("HOST", 8, upTo: 20, priority: 0, sort: "host") { row, _ in
        TextRun(row.host)
      },
      column("PEER", 15, priority: 0, sort: "address") { row, _ in
        TextRun(row.address.description, .textStrong)
      },
      column("PROTO", 5, priority: 2, sort: "protocol") { row, _ in
        TextRun(row.protocol.name)
      },
      column("SPI IN", 10, priority: 2, sort: "spiIn") { row, _ in
        CellText.spi(row.spiIn)
      },
      column("SPI OUT", 10, priority: 7, sort: "spiOut") { row, _ in
        CellText.spi(row.spiOut)
      },
      Column(
        "PPS", 6, priority: 1, .right, sort: "packetsPerSecond", descending: true, cell: packetRate),
      Column(
        "BIT/S", 6, priority: 3, .right, sort: "bitsPerSecond", descending: true, cell: bitRate),
      column("PACKETS", 8, priority: 6, .right, sort: "packets", descending: true) {
        CellText.counted($0.packets, \.packets, $1)
      },
      column("SEEN", 6, priority: 5, .right, sort: "lastSeen", descending: true, isTime: true) {
        CellText.ago($0.lastSeen, $1)
      },
      column("AGE", 6, priority: 4, .right, sort: "created", isTime: true) {
        CellText.ago($0.created, $1)
      },
      column("EXPIRES", 7, priority: 4, .right, sort: "expires", isTime: true) {
        CellText.until($0.expires, $1, never: "never")
      },
      column("DROPS", 6, priority: 5, .right, sort: "drops", descending: true) {
        CellText.drops($0.drops, $1)
      },
      column("BY", 8, priority: 5, sort: "origin") { row, _ in
        TextRun(row.origin, row.origin == "operator" ? .stateAttention : .textDim)
      },
    ]
  }()
}
