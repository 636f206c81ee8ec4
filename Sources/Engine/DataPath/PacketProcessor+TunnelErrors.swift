// ICMP errors about the outer packets that the router sends to hosts (RFC 2003, section 4).
extension PacketProcessor {
  /// Relays an error about an outer packet as one about the packet inside, to that one's sender.
  ///
  /// Only if the quote goes far enough to show that the router has sent such a packet: from the
  /// endpoint to a host, and inside it one for that host which would pass now. Whoever made the
  /// error can say no more than any router on the way could. No state follows from it.
  mutating func relay(
    _ message: IPv4Header, _ now: UInt64
  ) throws(DropReason) -> Verdict {
    let header = try ICMPHeader(message.payload)
    let error = try Self.relayed(header, message.payload)
    var checksum = InternetChecksum()
    checksum.add(message.payload)
    guard checksum.value == 0 else { throw .malformed }

    let quote = message.payload.dropFirst(ICMPHeader.length)
    guard let outer = IPv4Header(quoted: quote), outer.protocolNumber == IPProtocol.ipv4,
      outer.source == endpoint, !outer.isLaterFragment,
      let packet = IPv4Header(quoted: outer.payload), packet.destination == external,
      mayBeSource(packet.source), ICMPError.mayBeSent(about: packet)
    else { throw .icmpNoOwner }
    try checkOwner(of: packet, table.host(insideAddress: outer.destination), now)
    if case .fragmentationNeeded(let mtu) = error {
      // An MTU that the packet fits into is a lie (RFC 5927, section 7.2).
      guard packet.forbidsFragments, Int(mtu) < packet.statedLength else { throw .malformed }
    }
    guard errors.admit(now: now) else { throw .icmpRateLimited }
    let length = error.write(
      before: packet, from: external, identification: nextIdentification())
    // The quoted packet begins after this header, the message's and the outer one.
    let start = 2 &* IPv4Header.length &+ ICMPHeader.length &- ICMPError.headerLength
    return .answer(Output(offset: start, count: length))
  }

  /// What the packet's sender is to be told.
  private static func relayed(
    _ header: ICMPHeader, _ message: PacketBytes
  ) throws(DropReason) -> ICMPError {
    switch (header.type, header.code) {
    case (ICMPHeader.MessageType.destinationUnreachable, 4):
      let mtu = Int(message.word16(at: ICMPHeader.Offset.nextHopMTU)) - IPv4Header.length
      guard mtu >= IPv4Header.leastMTU else { throw .malformed }
      return .fragmentationNeeded(mtu: UInt16(truncatingIfNeeded: mtu))
    // Ports and source routes are not in what the router sends.
    case (ICMPHeader.MessageType.destinationUnreachable, 3),
      (ICMPHeader.MessageType.destinationUnreachable, 5):
      throw .icmpNoOwner
    // A loop within the tunnel is, to who is outside, a host that cannot be reached.
    case (ICMPHeader.MessageType.destinationUnreachable, _),
      (ICMPHeader.MessageType.timeExceeded, _):
      return .hostUnreachable
    case (ICMPHeader.MessageType.parameterProblem, _):
      // About the outer header, which is the router's business.
      throw .icmpNoOwner
    default:
      throw .unsupportedProtocol
    }
  }

  /// Checks that a quoted packet is one that the router sends to the host.
  private mutating func checkOwner(
    of packet: IPv4Header, _ host: UInt16, _ now: UInt64
  ) throws(DropReason) {
    var passing = Decision()
    do throws(DropReason) {
      let recipient = try table.recipient(of: packet, responder: 0, now: now)
      guard host != 0, recipient.host == host else { throw .icmpNoOwner }
      _ = try admit(recipient, from: packet.source, now, &passing)
    } catch {
      throw .icmpNoOwner
    }
  }
}
