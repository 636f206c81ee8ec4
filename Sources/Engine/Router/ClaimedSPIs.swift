internal import PAP

/// Who holds which SPI that it chose itself, outside of its slot (pap.md, section 5).
///
/// An SPI has at most one holder. One that is given up is kept back for a while for the host that had
/// it, like a slot. A host has at most as many claims as its limit says, and as many in quarantine:
/// so it can neither fill the memory nor take the slots of others, in which claims may lie.
struct ClaimedSPIs: Sendable {
  private var holders: [SPI: HostIndex] = [:]
  private var held: [HostIndex: [SPI]] = [:]
  /// Claims and SPIs in quarantine by the upper half of their number.
  private var bySlot: [UInt16: [SPI]] = [:]
  private(set) var quarantine = Quarantine<SPI>()
  private var quarantined: [HostIndex: Int] = [:]
  private(set) var terms = LeaseTerms<SPI>()
  /// SPIs whose claim has changed.
  var touched = TouchList<SPI>()

  /// The SPIs that the host has claimed, in no order that means anything.
  func spis(of host: HostIndex) -> [SPI] { held[host] ?? [] }

  /// Whether the host has claimed the SPI.
  func holds(_ host: HostIndex, _ spi: SPI) -> Bool { holders[spi] == host }

  /// The latest end of a host's claims (monotonic nanoseconds), or nil if it has none.
  ///
  /// O(claims of the host).
  func lastEnd(of host: HostIndex) -> UInt64? { spis(of: host).compactMap(terms.end).max() }

  /// Whether nobody has claimed the SPI and no quarantine keeps it from the host.
  func isFree(_ spi: SPI, for host: HostIndex) -> Bool {
    holders[spi] == nil && !quarantine.forbids(spi, for: host)
  }

  /// Whether the host can have one claim more.
  func hasRoom(for spi: SPI, of host: HostIndex, limit: Int) -> Bool {
    let count = spis(of: host).count
    let resting = quarantined[host, default: 0] - (quarantine.lastHolder(of: spi) == host ? 1 : 0)
    return count < limit && count + resting < 2 * limit
  }

  /// Whether no claim, past quarantine, keeps the slot from the host.
  func allow(_ slot: Slot, for host: HostIndex) -> Bool {
    guard let spis = bySlot[slot.rawValue] else { return true }
    return spis.allSatisfy { (holders[$0] ?? quarantine.lastHolder(of: $0)) == host }
  }

  /// Gives a free SPI to a host.
  mutating func grant(_ spi: SPI, to host: HostIndex, until end: UInt64) {
    precondition(isFree(spi, for: host), "the SPI is not to be had")
    if quarantine.lastHolder(of: spi) != nil { endQuarantine(spi) }
    holders[spi] = host
    held[host, default: []].append(spi)
    bySlot[spi.upperHalf, default: []].append(spi)
    terms.set(spi, until: end)
    touched.add(spi)
  }

  /// Gives a claim more time, or less.
  mutating func renew(_ spi: SPI, until end: UInt64) {
    terms.set(spi, until: end)
    touched.add(spi)
  }

  /// Takes a claim away and begins its quarantine; who had it.
  ///
  /// Nil if nobody had.
  mutating func end(_ spi: SPI, quarantineUntil: UInt64) -> HostIndex? {
    guard let host = holders.removeValue(forKey: spi) else { return nil }
    held.remove(spi, for: host)
    terms.remove(spi)
    touched.add(spi)
    quarantine.begin(spi, lastHolder: host, until: quarantineUntil)
    quarantined[host, default: 0] += 1
    return host
  }

  /// A claim that has run out and is to be ended, or nil.
  mutating func takeExpired(at moment: UInt64) -> SPI? {
    while let spi = quarantine.nextDue(at: moment) { endQuarantine(spi) }
    return terms.takeExpired(at: moment)
  }

  /// Stops the time of a host's claims.
  mutating func pause(_ host: HostIndex) {
    for spi in spis(of: host) { terms.pause(spi) }
  }

  /// Lets the time of a host's claims go on that stood still for so many nanoseconds.
  mutating func resume(_ host: HostIndex, after pause: UInt64) {
    for spi in spis(of: host) {
      terms.resume(spi, after: pause)
      touched.add(spi)
    }
  }

  private mutating func endQuarantine(_ spi: SPI) {
    let host = quarantine.lastHolder(of: spi)
    quarantine.end(spi)
    bySlot.remove(spi, for: spi.upperHalf)
    // Nobody's limit counts what a host has left behind that is known no longer.
    guard let host else { return }
    quarantined[host, default: 0] -= 1
    if quarantined[host] == 0 { quarantined[host] = nil }
  }
}

// MARK: Storing

extension ClaimedSPIs {
  /// What the store keeps of a claim; nil if nobody has claimed the SPI.
  func stored(_ spi: SPI) -> StoredClaim? {
    guard let host = holders[spi], let end = terms.end(of: spi) else { return nil }
    return StoredClaim(host: host, leaseEnd: end)
  }

  /// SPIs whose quarantine has changed since the last call.
  mutating func takeTouchedQuarantine() -> [SPI] { quarantine.touched.take() }

  /// Takes a claim back from the store.
  ///
  /// False if the SPI is claimed.
  mutating func restore(_ stored: StoredClaim, on spi: SPI) -> Bool {
    guard holders[spi] == nil, quarantine[spi] == nil else { return false }
    holders[spi] = stored.host
    held[stored.host, default: []].append(spi)
    bySlot[spi.upperHalf, default: []].append(spi)
    terms.set(spi, until: stored.leaseEnd)
    return true
  }

  /// Takes a quarantine back from the store.
  ///
  /// False if the SPI is claimed: then there is none.
  mutating func restore(_ stored: StoredQuarantine, on spi: SPI) -> Bool {
    guard holders[spi] == nil, quarantine[spi] == nil else { return false }
    quarantine.restore(stored, on: spi)
    if let host = stored.lastHolder { quarantined[host, default: 0] += 1 }
    bySlot[spi.upperHalf, default: []].append(spi)
    return true
  }
}

extension SPI {
  /// The number of the slot that the SPI lies in, 0 for those in none.
  fileprivate var upperHalf: UInt16 { UInt16(rawValue >> 16) }
}

extension Dictionary where Value == [SPI] {
  fileprivate mutating func remove(_ spi: SPI, for key: Key) {
    self[key]?.removeAll { $0 == spi }
    if self[key]?.isEmpty == true { self[key] = nil }
  }
}
