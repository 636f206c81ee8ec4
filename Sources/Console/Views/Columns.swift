internal import Engine
internal import PAP

/// The columns of every table.
enum Columns {
  /// The columns of a view, from left to right: the first marks the row, the second names it.
  static func of(_ view: ViewID) -> [Column] {
    switch view {
    case .overview: []
    case .associations: associations
    case .hosts: hosts
    case .peers: peers
    case .log: log
    case .drops: drops
    }
  }

  // The rows of a view are all of one kind; a cell of another kind is empty.
  private static func association(
    _ body: @escaping @Sendable (SARow, CellContext) -> TextRun
  ) -> @Sendable (Row, CellContext) -> [TextRun] {
    { row, context in if case .association(let row) = row { [body(row, context)] } else { [] } }
  }

  private static func host(
    _ body: @escaping @Sendable (HostRow, CellContext) -> TextRun
  ) -> @Sendable (Row, CellContext) -> [TextRun] {
    { row, context in if case .host(let row) = row { [body(row, context)] } else { [] } }
  }

  private static func peer(
    _ body: @escaping @Sendable (PeerRow, CellContext) -> TextRun
  ) -> @Sendable (Row, CellContext) -> [TextRun] {
    { row, context in if case .peer(let row) = row { [body(row, context)] } else { [] } }
  }

  private static func drop(
    _ body: @escaping @Sendable (DropRow, CellContext) -> TextRun
  ) -> @Sendable (Row, CellContext) -> [TextRun] {
    { row, context in if case .drop(let row) = row { [body(row, context)] } else { [] } }
  }

  private static func reason(
    _ body: @escaping @Sendable (ReasonRow, CellContext) -> TextRun
  ) -> @Sendable (Row, CellContext) -> [TextRun] {
    { row, context in if case .reason(let row) = row { [body(row, context)] } else { [] } }
  }

  private static let packetRate: @Sendable (Row, CellContext) -> [TextRun] = { _, context in
    [CellText.rate(context.rate?.packetsPerSecond)]
  }

  private static let bitRate: @Sendable (Row, CellContext) -> [TextRun] = { _, context in
    [CellText.bits(context.rate?.bitsPerSecond)]
  }

  private static let associations = [
    Column("", 1, priority: 0, cell: association { CellText.mark($0, $1) }),
    Column("HOST", 8, upTo: 20, priority: 0, sort: "host", cell: association { row, _ in
      TextRun(row.host)
    }),
    Column("PEER", 15, priority: 0, sort: "address", cell: association { row, _ in
      TextRun(row.address.description, .textStrong)
    }),
    Column("PROTO", 5, priority: 2, sort: "protocol", cell: association { row, _ in
      TextRun(row.protocol.name)
    }),
    Column("SPI IN", 10, priority: 2, sort: "spiIn", cell: association { row, _ in
      CellText.spi(row.spiIn)
    }),
    Column("SPI OUT", 10, priority: 7, sort: "spiOut", cell: association { row, _ in
      CellText.spi(row.spiOut)
    }),
    Column("PPS", 6, priority: 1, .right, cell: packetRate),
    Column("BIT/S", 6, priority: 3, .right, cell: bitRate),
    Column(
      "PACKETS", 8, priority: 6, .right, sort: "packets", descending: true,
      cell: association { row, _ in TextRun(Format.count(row.packets)) }),
    Column("SEEN", 6, priority: 5, .right, sort: "lastSeen", descending: true, cell: association {
      CellText.ago($0.lastSeen, $1)
    }),
    Column("AGE", 6, priority: 4, .right, sort: "created", cell: association {
      CellText.ago($0.created, $1)
    }),
    Column("EXPIRES", 7, priority: 4, .right, sort: "expires", cell: association {
      CellText.until($0.expires, $1, never: "never")
    }),
    Column("BY", 8, priority: 8, sort: "origin", cell: association { row, _ in
      TextRun(row.origin, row.origin == "operator" ? .stateAttention : .textDim)
    }),
  ]

  private static let hosts = [
    Column("", 1, priority: 0, cell: host { CellText.mark($0, $1) }),
    Column("HOST", 8, upTo: 20, priority: 0, sort: "name", cell: host { row, _ in
      TextRun(row.name, .textStrong)
    }),
    Column("STATE", 9, priority: 6, sort: "state", cell: host { row, _ in
      TextRun(row.state, CellText.role(ofHostState: row.state))
    }),
    Column("INSIDE", 15, priority: 7, sort: "insideAddress", cell: host { row, _ in
      TextRun(row.insideAddress.description)
    }),
    Column("SLOT", 6, priority: 9, sort: "slot", cell: host { row, _ in
      TextRun(row.slot?.description ?? "-")
    }),
    Column("SPI RANGE", 19, priority: 1, sort: "firstSPI", cell: host { row, _ in
      CellText.range(of: row)
    }),
    Column("SPIS", 5, priority: 0, .right, sort: "spisInUse", descending: true, cell: host {
      row, _ in TextRun(String(row.spisInUse))
    }),
    Column("OF", 6, priority: 2, .right, cell: host { row, _ in
      TextRun(Format.grouped(UInt64(row.spiCount)), .textDim)
    }),
    Column("PORTS", 11, priority: 3, cell: host { row, _ in CellText.ports(row.ports) }),
    Column("ENTRIES", 7, priority: 3, .right, sort: "entries", descending: true, cell: host {
      row, _ in TextRun(Format.count(UInt64(max(0, row.entries))))
    }),
    Column("PPS", 6, priority: 1, .right, cell: packetRate),
    Column("BIT/S", 6, priority: 8, .right, cell: bitRate),
    Column("DROPS", 6, priority: 5, .right, sort: "drops", descending: true, cell: host {
      row, _ in CellText.drops(row.drops)
    }),
    Column("LEASE", 6, priority: 4, .right, sort: "leaseExpires", cell: host {
      CellText.until($0.leaseExpires, $1, never: "-")
    }),
    Column("SEEN", 6, priority: 8, .right, sort: "lastSeen", descending: true, cell: host {
      CellText.ago($0.lastSeen, $1)
    }),
  ]

  private static let peers = [
    Column("", 1, priority: 0, cell: peer { CellText.mark($0, $1) }),
    Column("ADDRESS", 18, priority: 0, sort: "target", cell: peer { row, _ in
      TextRun(row.target.short, .textStrong)
    }),
    Column("STATE", 7, priority: 1, sort: "state", cell: peer { row, _ in
      TextRun(row.state, row.state == "revoked" ? .stateFail : .stateOK)
    }),
    Column("HOSTS", 9, upTo: 24, priority: 2, cell: peer { row, _ in CellText.hosts(row) }),
    Column("ENTRIES", 7, priority: 4, .right, sort: "entries", descending: true, cell: peer {
      row, _ in TextRun(row.entries == 0 ? "-" : String(row.entries))
    }),
    Column("PPS", 6, priority: 1, .right, cell: packetRate),
    Column("BIT/S", 6, priority: 6, .right, cell: bitRate),
    Column("DROPS", 6, priority: 2, .right, sort: "drops", descending: true, cell: peer {
      row, _ in CellText.drops(row.drops)
    }),
    Column("SEEN", 6, priority: 5, .right, sort: "lastSeen", descending: true, cell: peer {
      CellText.ago($0.lastSeen, $1)
    }),
    Column("UNTIL", 7, priority: 4, .right, sort: "expires", cell: peer { row, context in
      row.state == "revoked"
        ? CellText.until(row.expires, context, never: "lifted") : TextRun("")
    }),
    Column("BY", 8, upTo: 12, priority: 7, sort: "by", cell: peer { row, _ in
      TextRun(row.by ?? "")
    }),
    Column("REASON", 10, upTo: 40, priority: 8, cell: peer { row, _ in
      TextRun(row.reason ?? "", .textDim)
    }),
  ]

  private static let log = [
    Column("", 1, priority: 9, cell: drop { CellText.mark($0, $1) }),
    Column("TIME", 8, priority: 0, sort: "time", descending: true, cell: drop { row, _ in
      TextRun(CellText.clock(row.time), .textDim)
    }),
    Column("DIR", 3, priority: 4, sort: "direction", cell: drop { row, _ in
      TextRun(row.direction == Direction.inbound.name ? "in" : "out", .textDim)
    }),
    Column("REASON", 21, priority: 1, sort: "reason", cell: drop { row, _ in
      TextRun(row.reason, CellText.role(ofReason: row.reason))
    }),
    Column("SOURCE", 15, priority: 1, sort: "source", cell: drop { row, _ in
      TextRun(row.source?.description ?? "-", .textStrong)
    }),
    Column("DESTINATION", 15, priority: 6, sort: "destination", cell: drop { row, _ in
      TextRun(row.destination?.description ?? "-")
    }),
    Column("PROTO", 5, priority: 3, sort: "protocol", cell: drop { row, _ in
      TextRun(row.protocol ?? "-")
    }),
    Column("SPI/PORTS", 11, priority: 2, sort: "spi", cell: drop { row, _ in
      CellText.spiOrPorts(row)
    }),
    Column("HOST", 8, upTo: 16, priority: 5, sort: "host", cell: drop { row, _ in
      TextRun(row.host ?? "-")
    }),
    Column("LEN", 5, priority: 7, .right, sort: "length", cell: drop { row, _ in
      TextRun(row.length.map { String($0) } ?? "-")
    }),
    Column("COUNT", 6, priority: 3, .right, sort: "count", descending: true, cell: drop {
      row, _ in TextRun(Format.count(row.count), row.count > 1 ? .textStrong : .textDim)
    }),
  ]

  private static let drops = [
    Column("", 1, priority: 0, cell: reason { row, context in
      TextRun(row.perSecond > 0 ? String(context.glyphs[.valid]) : "", .stateAttention)
    }),
    Column("REASON", 21, priority: 0, sort: "reason", cell: reason { row, _ in
      TextRun(row.name, row.count > 0 ? CellText.role(ofReason: row.name) : .textDim)
    }),
    Column("COUNT", 8, priority: 1, .right, sort: "count", descending: true, cell: reason {
      row, _ in TextRun(Format.count(row.count), row.count > 0 ? .text : .textDim)
    }),
    Column("SHARE", 5, priority: 4, .right, cell: reason { row, context in
      TextRun(Format.share(row.count, of: context.allDrops), .textDim)
    }),
    Column("RATE/S", 6, priority: 1, .right, sort: "perSecond", descending: true, cell: reason {
      row, _ in TextRun(Format.rate(row.perSecond), row.perSecond > 0 ? .textStrong : .textDim)
    }),
    Column("LAST 60 S", 24, upTo: 60, priority: 2, cell: reason { row, context in
      TextRun(
        Graph.spark(
          context.history.reasons[row.name]?.values ?? [], width: context.width,
          glyphs: context.glyphs), .graphMid)
    }),
    Column("MEANING", 30, upTo: 60, priority: 5, cell: reason { row, _ in
      TextRun(DropExplanation.of(row.name)?.summary ?? "", .textDim)
    }),
  ]
}
