/// The packets of one direction of which fragments came: the first decides, the others follow it,
/// and those that come before it wait (RFC 791, section 3.2; RFC 1858; RFC 3128).
///
/// Nothing is put together: each fragment passes on its own, and no octet passes twice. A fragment
/// that overlaps others in part, or that disagrees about where the packet ends, spoils its packet
/// for good (RFC 5722, as applied to version 4); one of which all was seen is a copy and drops
/// alone, for networks double packets.
///
/// Memory is fixed, and a part of it is the most that one source or host gets.
struct FragmentTable: ~Copyable {
  private let limits: FragmentLimits
  private let seed: UInt64
  private let packets: MappedArray<FragmentedPacket>
  /// The first packet for each value of the hash.
  private let chains: MappedArray<UInt16>
  private let coverage: FragmentCoverage
  private let accounts: FragmentAccounts
  private var held: HeldFragments

  private var firstFree: UInt16 = 0
  private var refusedCount = 0
  private var undecidedCount = 0
  /// Those not whole, and those whole, by age.
  private var waiting = FragmentAges()
  private var whole = FragmentAges()

  private static let none = FragmentedPacket.none

  /// - Precondition: at most 65,534 packets and chunks, a power of two of packets.
  init(_ limits: FragmentLimits, seed: UInt64) {
    precondition(limits.packets < Int(Self.none) && limits.packets.nonzeroBitCount == 1)
    self.limits = limits
    self.seed = seed
    packets = MappedArray(repeating: FragmentedPacket(), count: limits.packets)
    chains = MappedArray(repeating: Self.none, count: limits.packets * 2)
    coverage = FragmentCoverage(packets: limits.packets)
    accounts = FragmentAccounts(limits)
    held = HeldFragments(chunks: limits.chunks)
    for index in 0..<limits.packets - 1 { packets[index].next = UInt16(index + 1) }
  }

  /// Whether fragments wait to be taken.
  var hasReleased: Bool { held.hasReleased }
  /// When the next wait ends, monotonic nanoseconds.
  var nextExpiry: UInt64 {
    undecidedCount == 0 ? .max : packets[Int(waiting.oldest)].expires
  }

  /// Hands over the oldest fragment whose wait is over.
  mutating func take(
    into buffer: PacketBytes
  ) -> (length: Int, ruling: FragmentRuling)? { held.take(into: buffer) }

  /// Ends what is too old.
  mutating func expire(now: UInt64) {
    while waiting.oldest != Self.none, packets[Int(waiting.oldest)].expires <= now {
      let index = waiting.oldest
      let host = packets[Int(index)].key.host
      release(index, .refused(.fragmentTimeout, host: host))
      forget(index)
    }
  }

  /// Who pays for an inbound packet.
  func account(ofSource address: UInt32) -> FragmentAccounts.ID { .source(address, seed: seed) }
}

// MARK: - The first fragment

extension FragmentTable {
  /// The first fragment may pass: those that follow may as well.
  ///
  /// - Throws: `fragmentInvalid` if it does not fit to the others, `fragmentOverflow` if there is no
  ///   place to remember the packet, or what was decided before.
  mutating func admit(
    _ key: FragmentKey, _ range: FragmentRange, _ ruling: FragmentRuling,
    payer: FragmentAccounts.ID, recipient: FragmentAccounts.ID?, now: UInt64
  ) throws(DropReason) {
    expire(now: now)
    let index: UInt16
    if let known = find(key, now: now) {
      try fit(known, range)
      if case .refused(let reason, _) = packets[Int(known)].ruling { throw reason }
      index = known
    } else {
      index = try make(key, payer: payer, now: now)
    }
    if let recipient {
      guard accounts.addPacket(recipient) else {
        refuse(index, .refused(.fragmentOverflow, host: key.host))
        // A host at its limit is no reason to fill the places of all.
        if refusedCount > limits.refusedPackets { forget(index) }
        throw .fragmentOverflow
      }
      packets[Int(index)].recipient = recipient
    }
    settle(index, .admitted, ruling)
    see(index, range, now: now)
  }

  /// The first fragment may not pass: none of its packet may.
  mutating func refuse(
    _ key: FragmentKey, _ range: FragmentRange, _ reason: DropReason, host: UInt16,
    payer: FragmentAccounts.ID, now: UInt64
  ) {
    expire(now: now)
    let ruling = FragmentRuling.refused(reason, host: host)
    if let known = find(key, now: now) {
      // A copy of a first fragment that was admitted changes nothing.
      guard packets[Int(known)].phase == .undecided, (try? fit(known, range)) != nil else { return }
      refuse(known, ruling)
      see(known, range, now: now)
      return
    }
    // Without a place for it, those that follow wait in vain.
    guard refusedCount < limits.refusedPackets, let index = try? make(key, payer: payer, now: now)
    else { return }
    refuse(index, ruling)
    see(index, range, now: now)
  }
}

// MARK: - Later fragments

extension FragmentTable {
  /// What was decided for a later fragment, or nil if it waits now.
  ///
  /// - Throws: `fragmentInvalid`, or `fragmentOverflow` if there is no room to wait.
  mutating func follow(
    _ key: FragmentKey, _ range: FragmentRange, _ received: PacketBytes,
    payer: FragmentAccounts.ID, now: UInt64
  ) throws(DropReason) -> FragmentRuling? {
    expire(now: now)
    if let known = find(key, now: now) {
      try fit(known, range)
      if packets[Int(known)].phase == .undecided {
        try hold(received, known)
        see(known, range, now: now)
        return nil
      }
      let ruling = packets[Int(known)].ruling
      see(known, range, now: now)
      return ruling
    }
    let index = try make(key, payer: payer, now: now)
    do throws(DropReason) {
      try hold(received, index)
    } catch {
      forget(index)
      throw error
    }
    see(index, range, now: now)
    return nil
  }

  private mutating func hold(_ received: PacketBytes, _ index: UInt16) throws(DropReason) {
    let chunks = HeldFragments.chunkCount(length: received.count)
    guard held.hasRoom(chunks: chunks),
      accounts.add(chunks: chunks, packets[Int(index)].payer)
    else { throw .fragmentOverflow }
    var queue = packets[Int(index)].held
    held.append(received, to: &queue)
    packets[Int(index)].held = queue
  }
}

// MARK: - What was seen

extension FragmentTable {
  /// Compares a fragment to those before it.
  private mutating func fit(_ index: UInt16, _ range: FragmentRange) throws(DropReason) {
    let packet = packets[Int(index)]
    let overlap = coverage.overlap(Int(index), range.units)
    guard !packet.agrees(with: range) || overlap != .none else { return }
    if packet.phase != .whole, !packet.agrees(with: range) || overlap == .part {
      refuse(index, .refused(.fragmentInvalid, host: packet.key.host))
    }
    throw .fragmentInvalid
  }

  /// Remembers a fragment that fits.
  private mutating func see(_ index: UInt16, _ range: FragmentRange, now: UInt64) {
    coverage.insert(Int(index), range.units)
    var packet = packets[Int(index)]
    packet.seenUnits += range.units.count
    packet.seenEnd = max(packet.seenEnd, range.end)
    if range.isLast { packet.end = range.end }
    packets[Int(index)] = packet
    if packet.isWhole { finish(index, now: now) }
  }

  /// Nothing more is to come; for a while copies may.
  private mutating func finish(_ index: UInt16, now: UInt64) {
    uncharge(index)
    setPhase(index, .whole)
    waiting.remove(index, in: packets)
    packets[Int(index)].expires = now + limits.memory
    whole.append(index, in: packets)
  }

  private mutating func refuse(_ index: UInt16, _ ruling: FragmentRuling) {
    settle(index, .refused, ruling)
  }

  private mutating func settle(
    _ index: UInt16, _ phase: FragmentedPacket.Phase, _ ruling: FragmentRuling
  ) {
    setPhase(index, phase)
    packets[Int(index)].ruling = ruling
    release(index, ruling)
  }

  private mutating func release(_ index: UInt16, _ ruling: FragmentRuling) {
    var queue = packets[Int(index)].held
    let chunks = held.release(&queue, ruling)
    packets[Int(index)].held = queue
    if chunks > 0 { accounts.remove(chunks: chunks, packets[Int(index)].payer) }
  }

  private mutating func setPhase(_ index: UInt16, _ phase: FragmentedPacket.Phase) {
    switch packets[Int(index)].phase {
    case .undecided: undecidedCount -= 1
    case .refused: refusedCount -= 1
    case .free, .admitted, .whole: break
    }
    switch phase {
    case .undecided: undecidedCount += 1
    case .refused: refusedCount += 1
    case .free, .admitted, .whole: break
    }
    packets[Int(index)].phase = phase
  }
}

// MARK: - Places

extension FragmentTable {
  private func chain(_ key: FragmentKey) -> Int {
    Int(truncatingIfNeeded: key.hash(seed: seed) & UInt64(chains.count - 1))
  }

  private mutating func find(_ key: FragmentKey, now: UInt64) -> UInt16? {
    var index = chains[chain(key)]
    while index != Self.none, packets[Int(index)].key != key { index = packets[Int(index)].next }
    guard index != Self.none else { return nil }
    // Those whole are not looked after by `expire`.
    guard packets[Int(index)].expires > now else {
      forget(index)
      return nil
    }
    return index
  }

  /// A place for a packet that is not known, undecided.
  private mutating func make(
    _ key: FragmentKey, payer: FragmentAccounts.ID, now: UInt64
  ) throws(DropReason) -> UInt16 {
    if firstFree == Self.none, whole.oldest != Self.none { forget(whole.oldest) }
    let index = firstFree
    guard index != Self.none, accounts.addPacket(payer) else { throw .fragmentOverflow }
    firstFree = packets[Int(index)].next
    var packet = FragmentedPacket()
    packet.key = key
    packet.payer = payer
    packet.expires = now + limits.lifetime
    let chain = chain(key)
    packet.next = chains[chain]
    chains[chain] = index
    packets[Int(index)] = packet
    setPhase(index, .undecided)
    waiting.append(index, in: packets)
    return index
  }

  /// Gives the place back.
  private mutating func forget(_ index: UInt16) {
    let packet = packets[Int(index)]
    if packet.phase == .whole {
      whole.remove(index, in: packets)
    } else {
      uncharge(index)
      waiting.remove(index, in: packets)
    }
    let chain = chain(packet.key)
    if chains[chain] == index {
      chains[chain] = packet.next
    } else {
      var before = chains[chain]
      while packets[Int(before)].next != index { before = packets[Int(before)].next }
      packets[Int(before)].next = packet.next
    }
    setPhase(index, .free)
    let unit = FragmentRange.unit
    coverage.clear(Int(index), below: (packet.seenEnd + unit - 1) / unit)
    packets[Int(index)].next = firstFree
    firstFree = index
  }

  private func uncharge(_ index: UInt16) {
    accounts.removePacket(packets[Int(index)].payer)
    if let recipient = packets[Int(index)].recipient { accounts.removePacket(recipient) }
  }
}
