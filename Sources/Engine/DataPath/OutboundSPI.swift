/// Who sends ESP or AH to a peer under which SPI: nothing but errors about such packets needs it.
///
/// The peer chose the SPI, so nobody owns it: a host declares it with a validation, or is seen to
/// send under it. Who did so first has it, as long as it goes on; one that has no row for the peer
/// any more gives way to one that has, as when a standby takes over.
extension TableReader {
  /// Notes that the host sends under the SPI.
  ///
  /// Only to peers that it has rows for: no error about others reaches it.
  func learn(
    outboundSPI spi: UInt32, protocolNumber: UInt8, host: UInt16, peer: UInt32, now: UInt64
  ) {
    let key = LearnedKey(peer: peer, outboundSPI: spi, protocolNumber: protocolNumber)
    let protocols = CellMeta.protocols(protocolNumber)
    guard learnedSPIs.renew(key, for: host, now: now, { keepsSPI($0) }) != host,
      hasEntry(for: peer, host: host, protocols: protocols)
    else { return }
    _ = learnedSPIs.claim(key, for: host, now: now) { owner in
      guard keepsSPI(owner) else { return false }
      return owner.key != key || hasEntry(for: peer, host: owner.host, protocols: protocols)
    }
  }

  /// The host that sends to the peer under the SPI, and has a row that admits the protocol from it;
  /// or 0.
  func sender(
    outboundSPI spi: UInt32, protocolNumber: UInt8, peer: UInt32, now: UInt64
  ) -> UInt16 {
    let protocols = CellMeta.protocols(protocolNumber)
    // Who declares an SPI has a row for the peer by that.
    let host = declarer(ofOutbound: spi, to: peer, protocols: protocols)
    guard host == 0 else { return host }
    let key = LearnedKey(peer: peer, outboundSPI: spi, protocolNumber: protocolNumber)
    let learned = learnedSPIs.owner(of: key, now: now) { keepsSPI($0) }
    guard learned != 0, hasEntry(for: peer, host: learned, protocols: protocols) else { return 0 }
    return learned
  }

  private func keepsSPI(_ owner: LearnedOwner) -> Bool {
    !owner.isIdle && directory.record(of: owner.host).isKnown
  }
}

extension CellMeta {
  /// The flag of ESP or AH.
  fileprivate static func protocols(_ protocolNumber: UInt8) -> UInt32 {
    protocolNumber == IPProtocol.ah ? ah : esp
  }
}
