// Packets of hosts, from the first check to the last (docs/data-path.md, "Outbound").

extension PacketProcessor {
  /// A packet from a host through the tunnel (design.md, section 3.2).
  mutating func decideOutbound(
    _ outer: IPv4Header, _ now: UInt64, _ decision: inout Decision,
    following ruling: FragmentRuling?
  ) throws(DropReason) -> Verdict {
    let host = table.host(insideAddress: outer.source)
    decision.host = host
    // A host's tunnel is to make packets that fit: see docs/data-path.md.
    guard !outer.isFragment else { throw .fragmentInvalid }
    if outer.protocolNumber == IPProtocol.icmp { return try relay(outer, now) }
    guard outer.protocolNumber == IPProtocol.ipv4 else { throw .unsupportedProtocol }
    guard host != 0 else { throw .tunnelUnknownHost }
    let record = table.directory.record(of: host)
    guard record.isActive else { throw .hostSuspended }

    let packet = try IPv4Header(outer.payload)
    decision.packetOffset = UInt16(IPv4Header.length)
    decision.packetLength = UInt16(clamping: packet.totalLength)
    guard packet.isChecksumRight else { throw .malformed }
    guard packet.source == external else { throw .sourceNotExternal }
    let isHairpin = packet.destination == external
    guard mayBePeer(packet.destination) else {
      throw isHairpin ? .hairpinDisabled : .destinationForbidden
    }

    var route = OutboundRoute.outside
    if packet.isFragment {
      route = try self.route(
        ofFragment: packet, received: outer.bytes, from: host, now, following: ruling)
    } else {
      switch try table.use(of: packet, by: host, responder: responder, now: now) {
      case .permitted: break
      case .keepalive: route = .nowhere
      case .error where errorsOutward.admit(record.insideAddress, now: now): break
      case .error: throw .icmpRateLimited
      }
      if isHairpin, route != .nowhere {
        route = .inside(try self.recipient(of: packet, now))
      }
    }
    return try send(packet, route, outer, record.insideAddress, now, &decision)
      .moved(by: IPv4Header.length)
  }

  /// Whether hosts may send to the address through the tunnel.
  @inline(__always)
  func mayBePeer(_ address: UInt32) -> Bool {
    guard address != external else { return hairpin }
    return AddressRules.isUnicast(address) && address != endpoint && !forbidden.contains(address)
  }

  /// Sends a host's packet on its way; the verdict's octets count from the packet's first.
  @inline(__always)
  private mutating func send(
    _ packet: IPv4Header, _ route: OutboundRoute, _ outer: IPv4Header, _ insideAddress: UInt32,
    _ now: UInt64, _ decision: inout Decision
  ) throws(DropReason) -> Verdict {
    switch route {
    case .nowhere: return .consume
    case .unknown: return .hold
    case .outside, .inside: break
    }
    let sent = ECN(typeOfService: packet.typeOfService)
    let ecn = ECN.afterTunnel(inner: sent, outer: ECN(typeOfService: outer.typeOfService))
    guard let ecn else { throw .ecnInvalid }
    if case .inside(let recipient) = route {
      if ecn != sent { packet.setECN(ecn) }
      return try turnBack(packet, to: recipient, from: insideAddress, now, &decision)
    }
    guard packet.timeToLive > 1 else {
      let sender = NoticeRoute.host(insideAddress: insideAddress)
      return .drop(
        .ttlExpired, notice: notice(.timeExceeded, about: packet, to: sender, now))
    }
    if ecn != sent { packet.setECN(ecn) }
    packet.decrementTimeToLive()
    return .forward(Output(offset: 0, count: packet.totalLength))
  }
}
