internal import PAP

// How things end: leases with all that rests on them, entries, revocations.

extension RouterState {
  /// Ends everything whose time is over.
  mutating func expire(_ now: Instant) {
    while let host = slots.takeExpired(at: now.monotonic) {
      log(.info, "\(hosts[host].name): its lease of SPIs has run out")
      endSlot(of: host, now: now)
    }
    while let host = ports.takeExpired(at: now.monotonic) {
      log(.info, "\(hosts[host].name): its lease of ports has run out")
      endPorts(of: host, now: now)
    }
    while let id = validations.takeExpired(at: now.monotonic) { removeEntry(id) }
    while let key = revocations.takeExpired(at: now.monotonic) {
      log(.info, "the revocation of \(named(key.target)) has run out")
      endRevocation(key)
    }
  }

  /// Takes a host's slot away, and with it every entry: all of them rest on it.
  mutating func endSlot(of host: HostIndex, now: Instant) {
    let end = now.deadline(after: policy.spiQuarantine)
    guard let slot = slots.end(host, quarantineUntil: end) else { return }
    for id in Array(validations.rows(of: host).map(\.id)) { removeEntry(id) }
    change(.setSlot(slot, nil))
  }

  /// Takes a host's ports away.
  mutating func endPorts(of host: HostIndex, now: Instant) {
    let end = now.deadline(after: policy.portQuarantine)
    guard let block = ports.end(host, quarantineUntil: end) else { return }
    change(.setPorts(block, nil))
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
