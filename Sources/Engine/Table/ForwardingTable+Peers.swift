internal import PAP

/// What follows from the rows of the SA table for packets that name a peer and not an inbound SPI:
/// which peers each host has, and who declared which outbound SPI.
///
/// One cell each, with the number of rows that it rests on, so that a change costs the same however
/// many rows a peer has.
extension ForwardingTable {
  /// The row is about to appear.
  mutating func addPeer(_ id: UInt32, _ entry: Entry) {
    let (address, host) = (entry.address.rawValue, rows.host(of: id))
    let spi = entry.spiOut?.rawValue ?? 0
    var counted: UInt32 = 0
    for one in [CellMeta.esp, CellMeta.ah] where entry.ipsecProtocol.cellFlags & one != 0 {
      count(.peer(address, host: host, protocols: one), inside: 0)
      guard spi != 0 else { continue }
      let key = CellKey.outbound(address, spi: spi, protocols: one)
      // Of two hosts with one SPI the first has it. The other gets it only by declaring it anew, or
      // by sending.
      if count(key, inside: UInt32(host)) { counted |= one }
    }
    rows.setOutboundSPI(spi, counted: counted, of: id)
  }

  /// The row is about to disappear.
  mutating func removePeer(_ id: UInt32, _ row: BucketArray.Contents) {
    let (address, host) = (row.key.address, rows.host(of: id))
    let (spi, counted) = (rows.outboundSPI(of: id), rows.counted(of: id))
    for one in [CellMeta.esp, CellMeta.ah] where row.meta.rawValue & one != 0 {
      discount(.peer(address, host: host, protocols: one))
      if counted & one != 0 { discount(.outbound(address, spi: spi, protocols: one)) }
    }
  }

  /// One row more; false, and nothing happened, if the cell is somebody else's.
  @discardableResult
  private mutating func count(_ key: CellKey, inside: UInt32) -> Bool {
    guard let cell = peers.index(of: key), let found = peers.array.contents(of: cell) else {
      let flags = CellFilter(key.kind).flags
      _ = peers.insert(key, inside: inside, flags: flags, barrier: barrier)
      return true
    }
    guard found.inside == inside else { return false }
    peers.array.setNumber(cell, found.meta.number + 1)
    return true
  }

  /// One row less.
  private mutating func discount(_ key: CellKey) {
    guard let cell = peers.index(of: key), let found = peers.array.contents(of: cell) else {
      return
    }
    if found.meta.number == 0 {
      peers.retire(cell)
    } else {
      peers.array.setNumber(cell, found.meta.number - 1)
    }
  }
}
