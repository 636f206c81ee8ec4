/// What a worker sees of the forwarding table: look-ups without locks and without allocation.
///
/// To be used between `enter` and `leave` of an `EpochBarrier.Participant`, and not after the table
/// is gone.
struct TableReader {
  let directory: TableDirectory
  let hash: TableHash
  /// (peer, IKE SPI) -> host, learned by all workers.
  let learnedIKE: LearnedTable.View
  /// (peer, protocol, outbound SPI) -> host, learned by all workers.
  let learnedSPIs: LearnedTable.View
  /// (peer, initiator's IKE SPI) -> the host whose IKE SA it is; for people only.
  let seenIKE: LearnedTable.View

  /// The index of the host that has the inside address, or 0.
  @inline(__always)
  func host(insideAddress: UInt32) -> UInt16 {
    let key = CellKey.host(insideAddress: insideAddress)
    let host = directory.buckets.find(
      key, inside: insideAddress, hash: hash(key), CellFilter(.host))
    return UInt16(truncatingIfNeeded: host ?? 0)
  }

  /// The host that holds the SPI, in its slot or else by a claim; or 0.
  @inline(__always)
  func host(ofSPI spi: UInt32) -> UInt16 {
    let host = directory.host(ofSlot: UInt16(truncatingIfNeeded: spi >> 16))
    return host != 0 ? host : claimant(of: spi)
  }

  private func claimant(of spi: UInt32) -> UInt16 {
    let key = CellKey.claim(spi)
    let host = directory.claims.find(key, inside: 0, hash: hash(key), CellFilter(.host))
    return UInt16(truncatingIfNeeded: host ?? 0)
  }

  /// The number of the row that lets `source` send to the SPI of a host, or nil.
  ///
  /// A row of that very SPI is preferred to one of any SPI. One cache line answers in most cases.
  @inline(__always)
  func entry(
    from source: UInt32, spi: UInt32, host: UInt16, insideAddress: UInt32, protocols: UInt32
  ) -> UInt32? {
    let buckets = directory.buckets
    // The address tells a row of this host from one that its slot's last holder left behind.
    let one = CellKey.association(source, spi: spi)
    let oneFilter = CellFilter(.association, protocols: protocols)
    if let row = buckets.find(one, inside: insideAddress, hash: hash(one), oneFilter) {
      return row
    }
    let any = CellKey.anyAssociation(source, host: host)
    let anyFilter = CellFilter(.anyAssociation, protocols: protocols)
    return buckets.find(any, inside: insideAddress, hash: hash(any), anyFilter)
  }

  /// Whether nothing from `source` may reach the host: a prefix that holds `source` is revoked for
  /// it or for all.
  ///
  /// Host 0 asks about all only.
  ///
  /// One load if nothing is revoked, else two look-ups for each prefix length in use.
  @inline(__always)
  func isRevoked(_ source: UInt32, host: UInt16) -> Bool {
    let lengths = directory.revokedLengths
    return lengths != 0 && isRevoked(source, host: host, lengths: lengths)
  }

  @inline(never)
  private func isRevoked(_ source: UInt32, host: UInt16, lengths: UInt64) -> Bool {
    var rest = lengths
    while rest != 0 {
      let length = UInt32(rest.trailingZeroBitCount)
      rest &= rest &- 1
      // The lower half of a shift by 32 is 0: the mask of length 0.
      let prefix = source & UInt32(truncatingIfNeeded: UInt64.max << UInt64(32 &- length))
      if hasRevocation(.revocation(prefix, length: length, host: 0)) { return true }
      if host != 0, hasRevocation(.revocation(prefix, length: length, host: host)) { return true }
    }
    return false
  }

  private func hasRevocation(_ key: CellKey) -> Bool {
    directory.buckets.find(key, inside: 0, hash: hash(key), CellFilter(.revocation)) != nil
  }

  /// Whether the host has a row that admits the protocol (`CellMeta.esp` or `.ah`) from the peer,
  /// whatever its SPI.
  func hasEntry(for peer: UInt32, host: UInt16, protocols: UInt32) -> Bool {
    let key = CellKey.peer(peer, host: host, protocols: protocols)
    return directory.peers.find(key, inside: 0, hash: hash(key), CellFilter(key.kind)) != nil
  }

  /// The host that declared the outbound SPI with a validation, or 0.
  func declarer(ofOutbound spi: UInt32, to peer: UInt32, protocols: UInt32) -> UInt16 {
    let key = CellKey.outbound(peer, spi: spi, protocols: protocols)
    let host = directory.peers.inside(of: key, hash: hash(key), CellFilter(key.kind))
    return UInt16(truncatingIfNeeded: host ?? 0)
  }

  /// Fetches what `entry` will look at.
  @inline(__always)
  func prefetchEntry(from source: UInt32, spi: UInt32) {
    let buckets = directory.buckets
    buckets.prefetch(hash: hash(.association(source, spi: spi)))
    // A claim is not looked up for this: it would cost what it saves.
    let host = directory.host(ofSlot: UInt16(truncatingIfNeeded: spi >> 16))
    if host != 0 { buckets.prefetch(hash: hash(.anyAssociation(source, host: host))) }
  }
}
