internal import PAP

// `security-request`, `port-request` and what gives the leases back (pap.md, section 5).

extension RouterState {
  /// Leases the host a slot, or renews its lease.
  mutating func securityRequest(
    _ request: Message, host: HostIndex, now: Instant
  ) throws(Refusal) -> Answer {
    try checkNotSuspended(host)
    let wish = SlotWish(request)
    let lifetime = policy.lifetime(for: request.lifetime)
    let end = now.deadline(after: lifetime)
    if let spi = wish.claim {
      try claim(spi, host: host, until: end)
      return Answer(.success, [.spis(first: spi.rawValue, count: 1), .lifetime(lifetime)])
    }
    if let slot = slots.slot(of: host) {
      try wish.check(slot)
      slots.renew(host, until: end)
      return Answer(.success, slot.options + [.lifetime(lifetime)])
    }
    guard
      let slot = slots.choice(for: host, wish: wish.slot, claims: claims, using: &random)
    else { throw Refusal(.noResources) }
    try wish.check(slot)
    slots.grant(slot, to: host, until: end)
    change(.setSlot(slot, host))
    log(.info, "\(hosts[host].name): leased slot \(slot) for \(lifetime) s")
    return Answer(.success, slot.options + [.lifetime(lifetime)])
  }

  /// Gives the host one SPI that it chose itself, or renews it.
  private mutating func claim(_ spi: SPI, host: HostIndex, until end: UInt64) throws(Refusal) {
    guard !claims.holds(host, spi) else { return claims.renew(spi, until: end) }
    // Those are nobody's to give (RFC 4303, section 2.1).
    guard !spi.isReserved else { throw Refusal(.noResources) }
    if let slot = spi.slot, !slots.isFree(slot, for: host) { throw Refusal(.inUse) }
    guard claims.isFree(spi, for: host) else { throw Refusal(.inUse) }
    guard claims.hasRoom(for: spi, of: host, limit: policy.limits.claimedSPIs) else {
      throw Refusal(.quotaExceeded)
    }
    claims.grant(spi, to: host, until: end)
    change(.setClaim(spi, host))
    log(.debug, "\(hosts[host].name): claimed SPI \(spi)")
  }

  /// Takes back the slot or the claimed SPI that the host names.
  mutating func securityInvalidate(
    _ request: Message, host: HostIndex, now: Instant
  ) throws(Refusal) -> Answer {
    guard let spis = request.spis else { throw Refusal(.malformed) }
    let spi = SPI(rawValue: spis.first)
    if spis.count == 1, claims.holds(host, spi) {
      log(.debug, "\(hosts[host].name): gave back claimed SPI \(spi)")
      endClaim(of: spi, now: now)
      return Answer(.success)
    }
    guard let slot = slots.slot(of: host), slot.firstSPI.rawValue == spis.first,
      spis.count == Slot.spiCount
    else { throw Refusal(.notYours) }
    log(.info, "\(hosts[host].name): gave back slot \(slot)")
    endSlot(of: host, now: now)
    return Answer(.success)
  }

  /// Leases the host a block of ports, or renews its lease.
  mutating func portRequest(
    _ request: Message, host: HostIndex, now: Instant
  ) throws(Refusal) -> Answer {
    try checkNotSuspended(host)
    let wish = PortWish(request, ordinary: policy.portBlock)
    let lifetime = policy.lifetime(for: request.lifetime)
    let end = now.deadline(after: lifetime)
    if let block = ports.block(of: host) {
      try wish.check(block)
      ports.renew(host, until: end)
      return portAnswer(block, lifetime: lifetime)
    }
    guard let block = choosePorts(wish, host: host) else { throw Refusal(.noResources) }
    try wish.check(block)
    ports.grant(block, to: host, until: end, now: now)
    change(.setPorts(block, host))
    log(.info, "\(hosts[host].name): leased ports \(block) for \(lifetime) s")
    return portAnswer(block, lifetime: lifetime)
  }

  /// Takes ports back from the host that names its block.
  mutating func portInvalidate(
    _ request: Message, host: HostIndex, now: Instant
  ) throws(Refusal) -> Answer {
    guard let named = request.ports else { throw Refusal(.malformed) }
    guard let block = ports.block(of: host), block.first == named.first,
      block.count == named.count
    else { throw Refusal(.notYours) }
    log(.info, "\(hosts[host].name): gave back ports \(block)")
    endPorts(of: host, now: now)
    return Answer(.success)
  }

  /// The largest block up to the wish that is to be had.
  private mutating func choosePorts(_ wish: PortWish, host: HostIndex) -> PortBlock? {
    var size = wish.size
    while size >= PortBlock.leastCount {
      if let block = ports.choice(for: host, size: size, first: wish.first, using: &random) {
        return block
      }
      size /= 2
    }
    return nil
  }

  private func portAnswer(_ block: PortBlock, lifetime: UInt32) -> Answer {
    Answer(
      .success,
      [
        .ports(first: block.first, count: block.count), .externalAddress(policy.externalAddress),
        .lifetime(lifetime),
      ])
  }
}

/// What a `security-request` asks for.
private struct SlotWish {
  private let first: UInt32
  private let count: UInt32
  private let isStrict: Bool

  init(_ request: Message) {
    (first, count) = request.spis ?? (0, 0)
    isStrict = request.prefersFailure
  }

  /// The one SPI that is asked for, which the host chose itself.
  var claim: SPI? { first != 0 && count == 1 ? SPI(rawValue: first) : nil }

  /// The slot that would be welcome: the one a host had before the router lost its state.
  var slot: Slot? { SPI(rawValue: first).slot }

  /// Refuses a slot that is less than asked, if the host wants that.
  func check(_ offer: Slot) throws(Refusal) {
    guard isStrict else { return }
    let begin = first == 0 ? offer.firstSPI.rawValue : first
    let fits =
      offer.contains(SPI(rawValue: begin))
      && UInt64(begin) + UInt64(count) <= UInt64(offer.lastSPI.rawValue) + 1
    if !fits { throw Refusal(.noResources) }
  }
}

/// What a `port-request` asks for.
private struct PortWish {
  let first: UInt16
  private let count: UInt16
  private let isStrict: Bool
  private let ordinary: UInt16

  init(_ request: Message, ordinary: UInt16) {
    (first, count) = request.ports ?? (0, 0)
    isStrict = request.prefersFailure
    self.ordinary = ordinary
  }

  /// The size of the block that would hold as many ports as asked.
  var size: UInt16 {
    guard count > 0 else { return ordinary }
    var size = PortBlock.leastCount
    while size < count, size < 1 << 15 { size *= 2 }
    return size
  }

  /// Refuses a block that is less than asked, if the host wants that.
  func check(_ offer: PortBlock) throws(Refusal) {
    guard isStrict else { return }
    let begin = first == 0 ? offer.first : first
    guard offer.contains(begin), Int(begin) + Int(count) <= Int(offer.last) + 1 else {
      throw Refusal(.noResources)
    }
  }
}
