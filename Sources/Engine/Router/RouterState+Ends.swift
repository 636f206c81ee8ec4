internal import PAP

// How things end: leases with all that rests on them, entries, revocations.

extension RouterState {
  /// Ends everything whose time is over.
  mutating func expire(_ now: Instant) {
    rollBackDue(now)
    actions.expire(at: now.monotonic)
    while let host = slots.takeExpired(at: now.monotonic) {
      log(.info, "\(hosts[host].name): its lease of SPIs has run out")
      guard let slot = endSlot(of: host, now: now) else { continue }
      withdraw(.slot(slot), from: host, reason: Reason.leaseEnded, now: now)
    }
    while let spi = claims.takeExpired(at: now.monotonic) {
      guard let host = endClaim(of: spi, now: now) else { continue }
      withdraw(.claim(spi), from: host, reason: Reason.leaseEnded, now: now)
    }
    while let host = ports.takeExpired(at: now.monotonic) {
      log(.info, "\(hosts[host].name): its lease of ports has run out")
      guard let block = endPorts(of: host, now: now) else { continue }
      withdraw(.ports(block), from: host, reason: Reason.leaseEnded, now: now)
    }
    while let id = validations.takeExpired(at: now.monotonic) { endEntry(id, now: now) }
    while let key = revocations.takeExpired(at: now.monotonic) {
      log(.info, "the revocation of \(named(key.target)) has run out")
      endRevocation(key)
    }
  }

  /// Takes a host's slot away, and with it the entries that rest on it.
  @discardableResult
  mutating func endSlot(of host: HostIndex, now: Instant) -> Slot? {
    let end = now.deadline(after: policy.spiQuarantine)
    guard let slot = slots.end(host, quarantineUntil: end) else { return nil }
    removeUnheld(of: host)
    change(.setSlot(slot, nil))
    return slot
  }

  /// Takes a claimed SPI away, and with it the entries that rest on it; who had it.
  @discardableResult
  mutating func endClaim(of spi: SPI, now: Instant) -> HostIndex? {
    let end = now.deadline(after: policy.spiQuarantine)
    guard let host = claims.end(spi, quarantineUntil: end) else { return nil }
    removeUnheld(of: host)
    change(.setClaim(spi, nil))
    return host
  }

  /// Removes the entries for SPIs that the host does not hold any more.
  private mutating func removeUnheld(of host: HostIndex) {
    let unheld = validations.rows(of: host).filter { !holds(host, $0.entry.spiIn) }
    for row in unheld { removeEntry(row.id) }
  }

  /// Whether the host holds the SPI, in its slot or by a claim; for nil, whether it holds any.
  func holds(_ host: HostIndex, _ spi: SPI?) -> Bool {
    guard let spi else {
      return slots.slot(of: host) != nil || !claims.spis(of: host).isEmpty
    }
    return slots.holds(host, spi) || claims.holds(host, spi)
  }

  /// When the lease ends on which an entry for the SPI rests; for nil, an entry for every SPI: when
  /// the last one ends (monotonic nanoseconds).
  ///
  /// Nil where the host does not hold it.
  func leaseEnd(of host: HostIndex, _ spi: SPI?) -> UInt64? {
    guard let spi else {
      return [slots.terms.end(of: host), claims.lastEnd(of: host)].compactMap { $0 }.max()
    }
    let slotEnd = slots.holds(host, spi) ? slots.terms.end(of: host) : nil
    let claimEnd = claims.holds(host, spi) ? claims.terms.end(of: spi) : nil
    return [slotEnd, claimEnd].compactMap { $0 }.max()
  }

  /// Takes a host's ports away.
  @discardableResult
  mutating func endPorts(of host: HostIndex, now: Instant) -> PortBlock? {
    let end = now.deadline(after: policy.portQuarantine)
    guard let block = ports.end(host, quarantineUntil: end) else { return nil }
    change(.setPorts(block, nil))
    return block
  }

  /// Ends an entry whose own lifetime is over.
  private mutating func endEntry(_ id: EntryID, now: Instant) {
    guard let row = validations[id] else { return }
    switch row.origin {
    // The host has chosen the time itself.
    case .host: removeEntry(id)
    case .operator: withdrawEntry(row, reason: Reason.validationEnded, now: now)
    }
  }

  /// Removes a row of the established SA table, and tells its host.
  mutating func withdrawEntry(_ row: Validation, reason: String, now: Instant) {
    removeEntry(row.id)
    withdraw(.entry(row.entry), from: row.host, reason: reason, now: now)
  }

  /// Removes a row of the established SA table.
  mutating func removeEntry(_ id: EntryID) {
    guard validations.remove(id) != nil else { return }
    change(.removeEntry(id))
  }

  /// Removes a revocation.
  ///
  /// The entries that it took away do not come back.
  mutating func endRevocation(_ key: Revocation.Key) {
    guard revocations.remove(key) != nil else { return }
    change(.removeRevocation(key.target, key.host))
  }
}

/// Why something was taken from a host, for people at that host.
enum Reason {
  static let leaseEnded = "the lease has run out"
  static let validationEnded = "the operator's validation has run out"
  static let invalidated = "invalidated by the operator"
  static let revoked = "revoked by the operator"
  static let suspended = "the operator has suspended this host"
  static let undone = "the operator has undone the validation"
}
