// Packets from outside, from the first check to the last (docs/data-path.md, "Inbound").

extension PacketProcessor {
  /// A packet from outside to the shared address (design.md, section 3.1).
  mutating func decideInbound(
    _ packet: IPv4Header, _ now: UInt64, _ decision: inout Decision,
    following ruling: FragmentRuling?
  ) throws(DropReason) -> Verdict {
    let source = packet.source
    guard mayBeSource(source) else { throw .malformed }
    if packet.isFragment {
      return try decideInboundFragment(packet, now, &decision, following: ruling)
    }
    let recipient = try self.recipient(of: packet, now)
    switch recipient {
    case .nobody: return .consume
    case .router: return try answer(packet, now)
    case .host, .association, .responder, .quoted: break
    }
    let inside = try admit(recipient, from: source, now, &decision)
    return deliver(packet, to: inside, reportingTo: .outside, now)
  }

  /// Whether a packet from outside can have come from the address.
  @inline(__always)
  func mayBeSource(_ address: UInt32) -> Bool {
    AddressRules.isUnicast(address) && address != external && address != endpoint
  }

  /// Who a packet for the shared address is for.
  @inline(__always)
  func recipient(of packet: IPv4Header, _ now: UInt64) throws(DropReason) -> Recipient {
    let recipient = try table.recipient(of: packet, responder: responder, now: now)
    // No host can have sent what the error quotes.
    if case .quoted(_, let peer) = recipient, !mayBePeer(peer) { throw .icmpNoOwner }
    return recipient
  }

  /// Checks all that a packet needs besides a recipient; returns the host's inside address.
  ///
  /// Fragments pass here each for itself, so that none passes after what admitted it is gone.
  @inline(__always)
  mutating func admit(
    _ recipient: Recipient, from source: UInt32, _ now: UInt64, _ decision: inout Decision
  ) throws(DropReason) -> UInt32 {
    decision.host = recipient.host
    let host = decision.host
    let record = table.directory.record(of: host)
    guard record.isActive else { throw .hostSuspended }
    guard !table.isRevoked(source, host: host) else { throw .addressRevoked }
    if case .association(_, let spi, let protocols) = recipient {
      let entry = table.entry(
        from: source, spi: spi, host: host, insideAddress: record.insideAddress,
        protocols: protocols)
      guard let entry else { throw .addressNotValidated }
      decision.entry = entry
    }
    if case .responder = recipient, !unsolicitedIKE.admit(source, now: now) {
      throw .ikeRateLimited
    }
    if case .quoted(_, let peer) = recipient {
      guard !table.isRevoked(peer, host: host) else { throw .addressRevoked }
      guard errorsInward.admit(source, now: now) else { throw .icmpRateLimited }
    }
    return record.insideAddress
  }

  /// Sends a packet on to a host.
  @inline(__always)
  mutating func deliver(
    _ packet: IPv4Header, to insideAddress: UInt32, reportingTo sender: NoticeRoute, _ now: UInt64
  ) -> Verdict {
    guard packet.timeToLive > 1 else {
      return .drop(.ttlExpired, notice: notice(.timeExceeded, about: packet, to: sender, now))
    }
    guard packet.totalLength <= tunnelMTU else {
      return deliverTooBig(packet, to: insideAddress, reportingTo: sender, now)
    }
    packet.decrementTimeToLive()
    return .forward(
      encapsulate(
        packet.bytes, at: 0, length: packet.totalLength, typeOfService: packet.typeOfService,
        dontFragment: packet.forbidsFragments, to: insideAddress))
  }

  /// Answers an echo request.
  ///
  /// Nobody is concerned but the router; whoever is revoked for all hosts is revoked for it as
  /// well.
  private mutating func answer(
    _ request: IPv4Header, _ now: UInt64
  ) throws(DropReason) -> Verdict {
    guard !table.isRevoked(request.source, host: 0) else { throw .addressRevoked }
    guard answers.admit(now: now) else { throw .icmpRateLimited }
    try EchoReply.write(over: request, identification: nextIdentification())
    return .answer(Output(offset: 0, count: request.totalLength))
  }
}
