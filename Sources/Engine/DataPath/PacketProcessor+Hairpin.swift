// Packets of a host to the address that it shares (RFC 4787, section 6).
extension PacketProcessor {
  /// Sends a host's packet to a host behind the same address.
  ///
  /// The sender has passed the outbound checks. Now all inbound checks apply, with the shared
  /// address as the peer's; a drop counts against the sender. The router is one hop, and none to what
  /// is for itself (RFC 1812, section 5.3.1).
  mutating func turnBack(
    _ packet: IPv4Header, to recipient: Recipient, from insideAddress: UInt32, _ now: UInt64,
    _ decision: inout Decision
  ) throws(DropReason) -> Verdict {
    switch recipient {
    case .nobody: return .consume
    case .router: return try answer(packet, through: insideAddress, now)
    case .host, .association, .responder, .quoted: break
    }
    var passing = Decision()
    let inside = try admit(recipient, from: external, now, &passing)
    decision.entry = passing.entry
    return deliver(
      packet, to: inside, reportingTo: .host(insideAddress: insideAddress), now)
  }

  /// Answers a host's echo request through the tunnel.
  private mutating func answer(
    _ request: IPv4Header, through insideAddress: UInt32, _ now: UInt64
  ) throws(DropReason) -> Verdict {
    guard !table.isRevoked(request.source, host: 0) else { throw .addressRevoked }
    guard answers.admit(now: now) else { throw .icmpRateLimited }
    try EchoReply.write(over: request, identification: nextIdentification())
    return .answer(
      encapsulate(
        request.bytes, at: 0, length: request.totalLength,
        typeOfService: request.typeOfService & ~3, dontFragment: request.forbidsFragments,
        to: insideAddress))
  }
}
