internal import Engine
internal import PAP

extension Columns {
  /// The hosts with their leases.
  static let hosts: [Column] = {
    let column = ColumnMaker { row in
      if case .host(let row) = row { row } else { nil }
    }
    return [
      column("", 1, priority: 0) { CellText.mark($0, $1) },
      column("HOST", 8, upTo: 20, priority: 0, sort: "name") { row, _ in
        TextRun(row.name, .textStrong)
      },
      column("STATE", 9, priority: 6, sort: "state") { row, _ in
        TextRun(row.state, CellText.role(ofHostState: row.state))
      },
      column("INSIDE", 15, priority: 7, sort: "insideAddress") { row, _ in
        TextRun(row.insideAddress.description)
      },
      column("SLOT", 6, priority: 9, sort: "slot") { row, _ in
        TextRun(row.slot?.description ?? "-")
      },
      column("SPI RANGE", 19, priority: 1, sort: "firstSPI") { row, _ in
        CellText.range(of: row)
      },
      column("SPIS", 5, priority: 0, .right, sort: "spisInUse", descending: true) { row, _ in
        TextRun(String(row.spisInUse))
      },
      column("OF", 6, priority: 2, .right, fields: ["spiCount"]) { row, _ in
        TextRun(Format.grouped(UInt64(row.spiCount)), .textDim)
      },
      column("PORTS", 11, priority: 3, fields: ["ports"]) { row, _ in CellText.ports(row.ports) },
      column("ENTRIES", 7, priority: 3, .right, sort: "entries", descending: true) { row, _ in
        TextRun(Format.count(UInt64(max(0, row.entries))))
      },
      column("CLAIMED", 7, priority: 9, .right, sort: "spisClaimed", descending: true) { row, _ in
        TextRun(String(row.spisClaimed), row.spisClaimed > 0 ? .text : .textDim)
      },
      Column(
        "PPS", 6, priority: 1, .right, sort: "packetsPerSecond", descending: true, cell: packetRate),
      Column(
        "BIT/S", 6, priority: 8, .right, sort: "bitsPerSecond", descending: true, cell: bitRate),
      column("DROPS", 6, priority: 5, .right, sort: "drops", descending: true) {
        CellText.drops($0.drops, $1)
      },
      column("VIOL", 5, priority: 8, .right, sort: "violations", descending: true) {
        CellText.violations($0.violations, $1)
      },
      column("LEASE", 6, priority: 4, .right, sort: "leaseExpires", isTime: true) {
        CellText.until($0.leaseExpires, $1, never: "-")
      },
      column("SEEN", 6, priority: 8, .right, sort: "lastSeen", descending: true, isTime: true) {
        CellText.ago($0.lastSeen, $1)
      },
    ]
  }()
}
