internal import PAP

/// Decides what becomes of each packet, and makes what is written in its place: no system call, no
/// clock, no allocation.
///
/// One for each worker.
///
/// The forwarding table that it reads must outlive it, and `decide` is called only between `enter`
/// and `leave` of the table's barrier.
struct PacketProcessor: ~Copyable {
  let external: UInt32
  let endpoint: UInt32
  let tunnelMTU: Int
  let responder: UInt16
  let forbidden: ForbiddenNetworks
  let table: TableReader
  let fragments: SharedFragments
  private let hairpin: Bool

  private var identification: UInt16
  private let identificationStep: UInt16
  var answers = EventLimiter(Limits.answers)
  var errors = EventLimiter(Limits.errors)
  var unsolicitedIKE: SourceLimiter
  var errorsInward: SourceLimiter
  var errorsOutward: SourceLimiter

  /// How often each worker speaks for itself, or lets strangers speak to a host.
  enum Limits {
    /// Echo replies.
    static let answers = EventRate(perSecond: 1000, burst: 100)
    /// ICMP errors (RFC 1812, section 4.3.2.8); the numbers are Linux's.
    static let errors = EventRate(perSecond: 1000, burst: 50)
    /// IKE that begins a conversation, for each source.
    ///
    /// An exchange takes up to three such messages (cookie, other group), and a few repeats.
    static let unsolicitedIKE = EventRate(perSecond: 1, burst: 10)
    /// ICMP errors of others, for each source outside and each host.
    static let passedErrors = EventRate(perSecond: 100, burst: 100)
  }

  /// Makes the processor of one worker.
  ///
  /// Its number among `workers` keeps any two from giving packets the same identification. The seed
  /// is secret; it is for the limiter's hash.
  init(
    configuration: DataPathConfiguration, table: TableReader, fragments: SharedFragments,
    worker: Int, workers: Int, seed: UInt64
  ) {
    external = configuration.externalAddress.rawValue
    endpoint = configuration.tunnelEndpoint.rawValue
    // With its outer header a packet must still be one; and every router takes 68 octets (RFC 791).
    tunnelMTU = max(IPv4Header.leastMTU, min(configuration.tunnelMTU, 65_535 - IPv4Header.length))
    responder = configuration.ikeResponder?.rawValue ?? 0
    forbidden = ForbiddenNetworks(configuration.insideNetworks)
    self.table = table
    self.fragments = fragments
    hairpin = configuration.hairpin
    identification = UInt16(truncatingIfNeeded: worker)
    identificationStep = UInt16(truncatingIfNeeded: workers)
    unsolicitedIKE = SourceLimiter(Limits.unsolicitedIKE, seed: seed)
    errorsInward = SourceLimiter(Limits.passedErrors, seed: seed)
    errorsOutward = SourceLimiter(Limits.passedErrors, seed: seed)
  }

  /// Fetches what `decide` will look at, while other packets of the batch are looked at.
  @inline(__always)
  func prefetch(_ received: PacketBytes) {
    guard let packet = try? IPv4Header(received), packet.destination == external else { return }
    let payload = packet.payload
    switch packet.protocolNumber {
    case IPProtocol.esp where payload.count >= 4:
      table.prefetchEntry(from: packet.source, spi: payload.word32(at: 0))
    case IPProtocol.ah, IPProtocol.udp:
      // Where the SPI is in AH; in UDP it comes after the header.
      let offset = packet.protocolNumber == IPProtocol.ah ? 4 : UDPHeader.length
      guard payload.count >= offset + 4 else { return }
      table.prefetchEntry(from: packet.source, spi: payload.word32(at: offset))
    default: return
    }
  }

  /// Decides about one packet as it came from the TUN device.
  ///
  /// What is to be written is made in the packet's place and in its headroom, which is to be
  /// `PacketBytes.headroomOfBuffers`. `now` is in monotonic nanoseconds.
  mutating func decide(_ received: PacketBytes, now: UInt64) -> Decision {
    decide(received, now: now, following: nil)
  }

  /// Decides about one packet; `ruling` is what a fragment waited for, if it did.
  mutating func decide(
    _ received: PacketBytes, now: UInt64, following ruling: FragmentRuling?
  ) -> Decision {
    var decision = Decision()
    decision.packetLength = UInt16(clamping: received.count)
    do throws(DropReason) {
      let packet = try parse(received, &decision)
      decision.packetLength = UInt16(clamping: packet.totalLength)
      switch packet.destination {
      case external:
        decision.verdict = try decideInbound(packet, now, &decision, following: ruling)
      case endpoint:
        decision.direction = .outbound
        decision.verdict = try decideOutbound(packet, now, &decision, following: ruling)
      default:
        throw .destinationForbidden
      }
    } catch {
      decision.verdict = .drop(error, notice: nil)
    }
    return decision
  }

  /// The packet's header; if there is none, the decision still says whose packet it was.
  @inline(__always)
  private func parse(
    _ received: PacketBytes, _ decision: inout Decision
  ) throws(DropReason) -> IPv4Header {
    do throws(DropReason) {
      return try IPv4Header(received)
    } catch {
      attribute(received, &decision)
      throw error
    }
  }

  /// Says of a packet that cannot be parsed whether it came through the tunnel, and from whom.
  private func attribute(_ received: PacketBytes, _ decision: inout Decision) {
    guard let addresses = IPv4Header.addresses(of: received), addresses.destination == endpoint
    else { return }
    decision.direction = .outbound
    decision.host = table.host(insideAddress: addresses.source)
  }
}

// MARK: - Inbound

extension PacketProcessor {
  /// A packet from outside to the shared address (design.md, section 3.1).
  private mutating func decideInbound(
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
  private func recipient(of packet: IPv4Header, _ now: UInt64) throws(DropReason) -> Recipient {
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

// MARK: - Outbound

extension PacketProcessor {
  /// A packet from a host through the tunnel (design.md, section 3.2).
  private mutating func decideOutbound(
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
  private func mayBePeer(_ address: UInt32) -> Bool {
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

// MARK: - Notices

/// Where the sender of a packet is to be told of an error.
enum NoticeRoute {
  case outside
  /// Through the tunnel.
  case host(insideAddress: UInt32)
}

extension PacketProcessor {
  /// Tells a sender why its packet went no further, unless that may not be or was said too often.
  mutating func notice(
    _ error: ICMPError, about packet: IPv4Header, to sender: NoticeRoute, _ now: UInt64
  ) -> Output? {
    guard ICMPError.mayBeSent(about: packet), errors.admit(now: now) else { return nil }
    switch sender {
    case .outside:
      let length = error.write(
        before: packet, from: external, identification: nextIdentification())
      return Output(offset: -ICMPError.headerLength, count: length)
    case .host(let insideAddress):
      let length = error.write(
        before: packet, from: endpoint, identification: nextIdentification())
      return encapsulate(
        packet.bytes, at: -ICMPError.headerLength, length: length,
        typeOfService: ICMPError.typeOfService, dontFragment: false, to: insideAddress)
    }
  }

  /// A number that no packet of this worker had for a while, and none of another has now.
  @inline(__always)
  mutating func nextIdentification() -> UInt16 {
    identification &+= identificationStep
    return identification
  }
}
