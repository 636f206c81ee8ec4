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
  let limits: FragmentLimits
  let seed: UInt64
  let packets: MappedArray<FragmentedPacket>
  /// The first packet for each value of the hash.
  let chains: MappedArray<UInt16>
  let coverage: FragmentCoverage
  let accounts: FragmentAccounts
  var held: HeldFragments

  var firstFree: UInt16 = 0
  var refusedCount = 0
  var undecidedCount = 0
  /// Those not whole, and those whole, by age.
  var waiting = FragmentAges()
  var whole = FragmentAges()

  static let none = FragmentedPacket.none

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
