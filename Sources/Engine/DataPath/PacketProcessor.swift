internal import PAP

/// Decides what becomes of each packet, and makes what is written in its place: no system call, no
/// clock, no allocation.
///
/// One for each worker.
///
/// The forwarding table that it reads must outlive it, and `decide` is called only between `enter`
/// and `leave` of the table's barrier.
struct PacketProcessor: ~Copyable {
  private let external: UInt32
  private let endpoint: UInt32
  private let tunnelMTU: Int
  private let responder: UInt16
  private let forbidden: ForbiddenNetworks
  private let table: TableReader

  private var identification: UInt16
  private let identificationStep: UInt16
  private var answers = EventLimiter(Limits.answers)
  private var errors = EventLimiter(Limits.errors)
  private var unsolicitedIKE: SourceLimiter
  private var errorsInward: SourceLimiter
  private var errorsOutward: SourceLimiter

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
    configuration: DataPathConfiguration, table: TableReader, worker: Int, workers: Int,
    seed: UInt64
  ) {
    external = configuration.externalAddress.rawValue
    endpoint = configuration.tunnelEndpoint.rawValue
    // With its outer header a packet must still be one.
    tunnelMTU = min(configuration.tunnelMTU, 65_535 - IPv4Header.length)
    responder = configuration.ikeResponder?.rawValue ?? 0
    forbidden = ForbiddenNetworks(configuration.insideNetworks)
    self.table = table
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
    var decision = Decision()
    decision.packetLength = UInt16(clamping: received.count)
    do throws(DropReason) {
      let packet = try parse(received, &decision)
      decision.packetLength = UInt16(clamping: packet.totalLength)
      switch packet.destination {
      case external:
        decision.verdict = try decideInbound(packet, now, &decision)
      case endpoint:
        decision.direction = .outbound
        decision.verdict = try decideOutbound(packet, now, &decision)
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
    _ packet: IPv4Header, _ now: UInt64, _ decision: inout Decision
  ) throws(DropReason) -> Verdict {
    let source = packet.source
    guard AddressRules.isUnicast(source), source != external, source != endpoint else {
      throw .malformed
    }
    guard !packet.isFragment else { throw .fragmentInvalid }

    let recipient = try table.recipient(of: packet, responder: responder, now: now)
    let host: UInt16
    switch recipient {
    case .nobody: return .consume
    case .router: return try answer(packet, now)
    case .host(let holder), .responder(let holder): host = holder
    case .association(let holder, _, _), .quoted(let holder, _): host = holder
    }
    decision.host = host

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

    guard packet.timeToLive > 1 else {
      return .drop(.ttlExpired, notice: notice(.timeExceeded, about: packet, now))
    }
    guard packet.totalLength <= tunnelMTU else {
      let error = ICMPError.fragmentationNeeded(mtu: UInt16(truncatingIfNeeded: tunnelMTU))
      let notice = packet.forbidsFragments ? notice(error, about: packet, now) : nil
      return .drop(.tooBig, notice: notice)
    }
    packet.decrementTimeToLive()
    return .forward(
      encapsulate(
        packet.bytes, at: 0, length: packet.totalLength, typeOfService: packet.typeOfService,
        dontFragment: packet.forbidsFragments, to: record.insideAddress))
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

  /// Tells an outside sender why its packet went no further, unless that may not be or was said too
  /// often.
  private mutating func notice(
    _ error: ICMPError, about packet: IPv4Header, _ now: UInt64
  ) -> Output? {
    guard ICMPError.mayBeSent(about: packet), errors.admit(now: now) else { return nil }
    let length = error.write(
      before: packet, from: external, identification: nextIdentification())
    return Output(offset: -ICMPError.headerLength, count: length)
  }
}

// MARK: - Outbound

extension PacketProcessor {
  /// A packet from a host through the tunnel (design.md, section 3.2).
  private mutating func decideOutbound(
    _ outer: IPv4Header, _ now: UInt64, _ decision: inout Decision
  ) throws(DropReason) -> Verdict {
    let host = table.host(insideAddress: outer.source)
    decision.host = host
    guard !outer.isFragment else { throw .fragmentInvalid }
    guard outer.protocolNumber == IPProtocol.ipv4 else { throw .unsupportedProtocol }
    guard host != 0 else { throw .tunnelUnknownHost }
    let record = table.directory.record(of: host)
    guard record.isActive else { throw .hostSuspended }

    let packet = try IPv4Header(outer.payload)
    decision.packetOffset = UInt16(IPv4Header.length)
    decision.packetLength = UInt16(clamping: packet.totalLength)
    guard packet.source == external else { throw .sourceNotExternal }
    guard packet.destination != external else { throw .hairpinDisabled }
    guard AddressRules.isUnicast(packet.destination), packet.destination != endpoint,
      !forbidden.contains(packet.destination)
    else { throw .destinationForbidden }
    guard !packet.isFragment else { throw .fragmentInvalid }
    switch try table.use(of: packet, by: host, responder: responder, now: now) {
    case .permitted: break
    case .keepalive: return .consume
    case .error where errorsOutward.admit(record.insideAddress, now: now): break
    case .error: throw .icmpRateLimited
    }

    let sent = ECN(typeOfService: packet.typeOfService)
    let ecn = ECN.afterTunnel(inner: sent, outer: ECN(typeOfService: outer.typeOfService))
    guard let ecn else { throw .ecnInvalid }
    guard packet.timeToLive > 1 else {
      return .drop(.ttlExpired, notice: notice(about: packet, to: record.insideAddress, now))
    }
    if ecn != sent { packet.setECN(ecn) }
    packet.decrementTimeToLive()
    return .forward(Output(offset: IPv4Header.length, count: packet.totalLength))
  }

  /// Tells a host through the tunnel that its packet's time to live ran out.
  private mutating func notice(
    about packet: IPv4Header, to insideAddress: UInt32, _ now: UInt64
  ) -> Output? {
    guard ICMPError.mayBeSent(about: packet), errors.admit(now: now) else { return nil }
    let length = ICMPError.timeExceeded.write(
      before: packet, from: endpoint, identification: nextIdentification())
    let output = encapsulate(
      packet.bytes, at: -ICMPError.headerLength, length: length,
      typeOfService: ICMPError.typeOfService, dontFragment: false, to: insideAddress)
    return Output(offset: IPv4Header.length + output.offset, count: output.count)
  }
}

// MARK: - The tunnel

extension PacketProcessor {
  /// Prepends the outer header to what lies at `offset` (RFC 2003, section 3.1).
  ///
  /// All but a few words of the header are constants of the program, so it is made from those and the
  /// inside address that the look-up gave: a template for each host would be one more line of memory
  /// to fetch.
  @inline(__always)
  private mutating func encapsulate(
    _ bytes: PacketBytes, at offset: Int, length: Int, typeOfService: UInt8, dontFragment: Bool,
    to insideAddress: UInt32
  ) -> Output {
    let outer = Output(offset: offset &- IPv4Header.length, count: length &+ IPv4Header.length)
    // DSCP and ECN are the inner packet's (RFC 6040, section 4.1, normal mode).
    IPv4Header.write(
      IPv4Header.Fields(
        typeOfService: typeOfService, totalLength: outer.count,
        identification: nextIdentification(), dontFragment: dontFragment,
        protocolNumber: IPProtocol.ipv4, source: endpoint, destination: insideAddress),
      to: bytes, at: outer.offset)
    return outer
  }

  /// A number that no packet of this worker had for a while, and none of another has now.
  @inline(__always)
  private mutating func nextIdentification() -> UInt16 {
    identification &+= identificationStep
    return identification
  }
}
