internal import PAP

/// Who holds which slot of SPIs (pap.md, section 5).
///
/// A slot has at most one holder, a host at most one slot. Slots are chosen at random, so that nobody
/// can guess whose SPIs are whose. A host gets the slot back that it had last, and no other, so that
/// one host cannot fill the quarantine; the slot is kept for it until a host that has none to come
/// back to asks for that one by number, as hosts do when the router has lost its state.
struct SlotLeases: Sendable {
  private var held: [HostIndex: Slot] = [:]
  private var holders: [Slot: HostIndex] = [:]
  private var remembered: [HostIndex: Slot] = [:]
  private var rememberers: [Slot: HostIndex] = [:]
  private(set) var quarantine = Quarantine<Slot>()
  private(set) var terms = LeaseTerms<HostIndex>()
  /// Hosts whose slot or its lease has changed.
  var touched = TouchList<HostIndex>()

  /// The number of slots leased.
  var count: Int { held.count }

  /// The slot that the host holds.
  func slot(of host: HostIndex) -> Slot? { held[host] }

  /// The host that holds the slot.
  func holder(of slot: Slot) -> HostIndex? { holders[slot] }

  /// Whether the host holds the SPI.
  func holds(_ host: HostIndex, _ spi: SPI) -> Bool {
    held[host]?.contains(spi) ?? false
  }

  /// A slot that a host without one can have: the one it had, else the one it wishes for, else any.
  ///
  /// Nil if there is none. `claims` may keep slots from the host in which others have claimed SPIs.
  func choice(
    for host: HostIndex, wish: Slot?, claims: ClaimedSPIs, using random: inout SeededRandom
  ) -> Slot? {
    func isFree(_ slot: Slot) -> Bool {
      self.isFree(slot, for: host) && claims.allow(slot, for: host)
    }
    let preferred = remembered[host] ?? wish
    if let preferred, isFree(preferred) { return preferred }
    return randomSlot(using: &random) { isFree($0) && rememberers[$0] == nil }
      ?? randomSlot(using: &random, where: isFree)
  }

  /// Whether nobody holds the slot and no quarantine keeps it from the host.
  func isFree(_ slot: Slot, for host: HostIndex) -> Bool {
    holders[slot] == nil && !quarantine.forbids(slot, for: host)
  }

  /// Leases a free slot to a host that has none.
  mutating func grant(_ slot: Slot, to host: HostIndex, until end: UInt64) {
    precondition(held[host] == nil && isFree(slot, for: host), "the slot is not to be had")
    held[host] = slot
    holders[slot] = host
    quarantine.end(slot)
    remember(slot, for: host)
    terms.set(host, until: end)
    touched.add(host)
  }

  /// Gives the holder of a slot more time, or less.
  mutating func renew(_ host: HostIndex, until end: UInt64) {
    terms.set(host, until: end)
    touched.add(host)
  }

  /// Takes a host's slot away and begins its quarantine.
  ///
  /// Nil if the host has none.
  mutating func end(_ host: HostIndex, quarantineUntil: UInt64) -> Slot? {
    guard let slot = held.removeValue(forKey: host) else { return nil }
    holders[slot] = nil
    terms.remove(host)
    quarantine.begin(slot, lastHolder: host, until: quarantineUntil)
    touched.add(host)
    return slot
  }

  /// Forgets the slot that a host had, which it does not hold any more.
  mutating func forget(_ host: HostIndex) {
    precondition(held[host] == nil, "a slot that is held is not forgotten")
    guard let slot = remembered.removeValue(forKey: host) else { return }
    rememberers[slot] = nil
    touched.add(host)
  }

  /// A host whose lease has run out and is to be ended, or nil.
  mutating func takeExpired(at moment: UInt64) -> HostIndex? {
    quarantine.expire(at: moment)
    return terms.takeExpired(at: moment)
  }

  /// Stops the time of a host's lease.
  mutating func pause(_ host: HostIndex) {
    terms.pause(host)
  }

  /// Lets the time of a host's lease go on that stood still for so many nanoseconds.
  mutating func resume(_ host: HostIndex, after pause: UInt64) {
    terms.resume(host, after: pause)
    touched.add(host)
  }

  private mutating func remember(_ slot: Slot, for host: HostIndex) {
    if let old = remembered.updateValue(slot, forKey: host) { rememberers[old] = nil }
    if let other = rememberers.updateValue(host, forKey: slot), other != host {
      remembered[other] = nil
      touched.add(other)
    }
  }

  /// How many slots are tried at random before all are looked at.
  private static let draws = 16

  private func randomSlot(
    using random: inout SeededRandom, where fits: (Slot) -> Bool
  ) -> Slot? {
    for _ in 0..<Self.draws {
      let number = UInt16.random(in: 1...UInt16.max, using: &random)
      if let slot = Slot(rawValue: number), fits(slot) { return slot }
    }
    return (1...UInt16.max).lazy.compactMap(Slot.init(rawValue:)).filter(fits)
      .randomElement(using: &random)
  }
}

// MARK: Storing

extension SlotLeases {
  /// What the store keeps of a host's slot; nil if no slot is remembered for it.
  func stored(of host: HostIndex) -> StoredSlot? {
    remembered[host].map { slot in
      StoredSlot(slot: slot, leaseEnd: held[host] == slot ? terms.end(of: host) : nil)
    }
  }

  /// Slots whose quarantine has changed since the last call.
  mutating func takeTouchedQuarantine() -> [Slot] { quarantine.touched.take() }

  /// Takes a host's slot back from the store.
  ///
  /// False if the host has one, or another host has this one.
  mutating func restore(_ stored: StoredSlot, of host: HostIndex) -> Bool {
    guard remembered[host] == nil, rememberers[stored.slot] == nil else { return false }
    remembered[host] = stored.slot
    rememberers[stored.slot] = host
    if let end = stored.leaseEnd {
      held[host] = stored.slot
      holders[stored.slot] = host
      terms.set(host, until: end)
    }
    return true
  }

  /// Takes a quarantine back from the store.
  ///
  /// False if the slot is held: then there is none.
  mutating func restore(_ stored: StoredQuarantine, on slot: Slot) -> Bool {
    guard holders[slot] == nil else { return false }
    quarantine.restore(stored, on: slot)
    return true
  }
}
