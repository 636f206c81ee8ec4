// Fragments of what goes through the router (`FragmentTable` says by which rules).
//
// The first fragment of a packet passes all checks of a whole one. For a later one stands what the
// first was admitted for, and that is checked again when it passes: slot, entry, revocation and
// suspension hold for each fragment at its own moment.

/// Where a host's packet goes.
enum OutboundRoute: Equatable {
  case outside
  /// Back to a host behind the same address.
  case inside(Recipient)
  /// Nowhere: a keepalive.
  case nowhere
  /// It waits for the first fragment of its packet.
  case unknown
}

extension PacketProcessor {
  /// A fragment from outside; `ruling` is what it waited for, if it did.
  mutating func decideInboundFragment(
    _ packet: IPv4Header, _ now: UInt64, _ decision: inout Decision,
    following ruling: FragmentRuling?
  ) throws(DropReason) -> Verdict {
    let range = try FragmentRange(packet)
    let key = FragmentKey(inbound: packet)
    guard !range.isFirst else {
      return try decideInboundFirst(packet, key, range, now, &decision)
    }
    try Self.checkProtocol(ofLater: packet)
    var ruling = ruling
    if ruling == nil {
      // Who is revoked for all need not wait to hear it.
      guard !table.isRevoked(packet.source, host: 0) else { throw .addressRevoked }
      ruling = try fragments.followInbound(key, range, packet.bytes, now: now)
    }
    switch ruling {
    case .refused(let reason, let host):
      decision.host = host
      throw reason
    case .admitted(let recipient?):
      try checkStanding(recipient)
      let inside = try admit(recipient, from: packet.source, now, &decision)
      return deliver(packet, to: inside, reportingTo: .outside, now)
    case nil, .admitted(nil):
      return .hold
    }
  }

  private mutating func decideInboundFirst(
    _ packet: IPv4Header, _ key: FragmentKey, _ range: FragmentRange, _ now: UInt64,
    _ decision: inout Decision
  ) throws(DropReason) -> Verdict {
    let recipient: Recipient
    let inside: UInt32
    do throws(DropReason) {
      recipient = try self.recipient(ofFirst: packet, now)
      inside = try admit(recipient, from: packet.source, now, &decision)
    } catch {
      let reason = Self.fault(ofFirst: error)
      fragments.refuseInbound(key, range, reason, host: decision.host, now: now)
      throw reason
    }
    try fragments.admitInbound(
      key, range, to: Self.standing(recipient), host: decision.host, now: now)
    return deliver(packet, to: inside, reportingTo: .outside, now)
  }

  /// Where a host's fragment goes; `received` is the tunnel's packet, to be kept if it must wait.
  mutating func route(
    ofFragment packet: IPv4Header, received: PacketBytes, from host: UInt16, _ now: UInt64,
    following ruling: FragmentRuling?
  ) throws(DropReason) -> OutboundRoute {
    let range = try FragmentRange(packet)
    let key = FragmentKey(outbound: packet, from: host)
    guard !range.isFirst else { return try route(ofFirst: packet, key, range, now) }
    try Self.checkNesting(ofLater: packet)
    try Self.checkProtocol(ofLater: packet)
    var ruling = ruling
    if ruling == nil { ruling = try fragments.followOutbound(key, range, received, now: now) }
    switch ruling {
    case nil: return .unknown
    case .refused(let reason, _): throw reason
    case .admitted(nil): return .outside
    case .admitted(let recipient?):
      try checkStanding(recipient)
      return .inside(recipient)
    }
  }

  private mutating func route(
    ofFirst packet: IPv4Header, _ key: FragmentKey, _ range: FragmentRange, _ now: UInt64
  ) throws(DropReason) -> OutboundRoute {
    var recipient: Recipient?
    do throws(DropReason) {
      try Self.checkMessage(ofFirst: packet)
      let use = try table.use(of: packet, by: key.host, responder: responder, now: now)
      guard use == .permitted else { throw .fragmentInvalid }
      if packet.destination == external {
        recipient = try self.recipient(ofFirst: packet, now)
      }
    } catch {
      let reason = Self.fault(ofFirst: error)
      fragments.refuseOutbound(key, range, reason, now: now)
      throw reason
    }
    try fragments.admitOutbound(key, range, to: recipient.map(Self.standing), now: now)
    return recipient.map { .inside($0) } ?? .outside
  }
}

// MARK: - Rules

extension PacketProcessor {
  /// Whom a packet is for of which the first fragment came.
  private func recipient(
    ofFirst packet: IPv4Header, _ now: UInt64
  ) throws(DropReason) -> Recipient {
    try Self.checkMessage(ofFirst: packet)
    let recipient = try table.recipient(of: packet, responder: responder, now: now)
    switch recipient {
    // The router puts nothing together, so it answers no request that comes in parts, and reads no
    // error; and a keepalive has none.
    case .router, .nobody, .quoted: throw .fragmentInvalid
    case .host, .association, .responder: return recipient
    }
  }

  /// What stands for the fragments that follow: the beginning of IKE was limited once.
  private static func standing(_ recipient: Recipient) -> Recipient {
    if case .responder(let host) = recipient { .host(host) } else { recipient }
  }

  /// In a first fragment, what is too short is an upper layer's header that goes on in the next
  /// (RFC 1858, section 3).
  private static func fault(ofFirst reason: DropReason) -> DropReason {
    reason == .malformed ? .fragmentInvalid : reason
  }

  /// An ICMP error is too short to be in parts (RFC 1812, section 4.3.2.3), and is checked whole.
  private static func checkMessage(ofFirst packet: IPv4Header) throws(DropReason) {
    guard packet.protocolNumber == IPProtocol.icmp else { return }
    guard try !ICMPHeader.isError(type: ICMPHeader(packet.payload).type) else {
      throw .fragmentInvalid
    }
  }

  /// Fragments of what would never pass need not wait to hear it.
  private static func checkProtocol(ofLater packet: IPv4Header) throws(DropReason) {
    switch packet.protocolNumber {
    case IPProtocol.esp, IPProtocol.ah, IPProtocol.udp, IPProtocol.tcp, IPProtocol.icmp: return
    default: throw .unsupportedProtocol
    }
  }

  private static func checkNesting(ofLater packet: IPv4Header) throws(DropReason) {
    switch packet.protocolNumber {
    case IPProtocol.ipv4, IPProtocol.ipv6, IPProtocol.gre: throw .tunnelNested
    default: return
    }
  }

  /// Whether the slot by which the first fragment found its host is still the host's.
  private func checkStanding(_ recipient: Recipient) throws(DropReason) {
    guard case .association(_, let spi, let protocols) = recipient else { return }
    guard try table.holder(of: spi, protocols: protocols) == recipient else { throw .spiNotLeased }
  }
}
