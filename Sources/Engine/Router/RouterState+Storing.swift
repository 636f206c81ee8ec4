internal import Net
internal import PAP

// What the store gets from a step, and how a state comes back from it.

extension RouterState {
  /// Adds every row that has changed in this step to its effects, as it is now.
  mutating func emitStoreChanges() {
    for host in touchedHosts.take() { store(.host(host), hosts[host].storedRow) }
    for host in slots.touched.take() {
      store(.slot(host), slots.stored(of: host).map { .slot(host, $0) })
    }
    for host in ports.touched.take() {
      store(.ports(host), ports.stored(of: host).map { .ports(host, $0) })
    }
    for spi in claims.touched.take() {
      store(.claim(spi), claims.stored(spi).map { .claim(spi, $0) })
    }
    for slot in slots.takeTouchedQuarantine() {
      store(.slotQuarantine(slot), slots.quarantine[slot].map { .slotQuarantine(slot, $0) })
    }
    for unit in ports.takeTouchedQuarantine() {
      store(
        .portQuarantine(unit: unit), ports.quarantine[unit].map { .portQuarantine(unit: unit, $0) })
    }
    for spi in claims.takeTouchedQuarantine() {
      store(.claimQuarantine(spi), claims.quarantine[spi].map { .claimQuarantine(spi, $0) })
    }
    for id in validations.touched.take() {
      store(.entry(id), validations[id].map { .entry(id, $0.stored) })
    }
    for key in revocations.touched.take() {
      store(
        .revocation(key.target, key.host),
        revocations[key].map { .revocation(key.target, key.host, $0.stored) })
    }
    for change in actions.takeStoreChanges() { emit(.store(change)) }
    for host in touchedWithdrawals.take() { emitWithdrawals(of: host) }
  }

  private mutating func emitWithdrawals(of host: HostIndex) {
    for number in hosts[host].withdrawals.touched.take() {
      let stored = hosts[host].withdrawals.thing(number).map {
        StoredRow.withdrawal(
          number, StoredWithdrawal(host: host, item: $0.item, reason: $0.reason))
      }
      store(.withdrawal(number), stored)
    }
  }

  private mutating func store(_ key: StoredRow.Key, _ row: StoredRow?) {
    emit(.store(row.map(StoreChange.put) ?? .remove(key)))
  }
}

extension RouterState {
  /// Makes room for so many entries, so that loading them is quick.
  package mutating func reserveEntries(_ count: Int) {
    validations.reserve(count)
  }

  /// Takes back a row that was stored; entries and withdrawals in the order of their numbers.
  ///
  /// To be called before the first step, and `endRestoring` after the last row.
  ///
  /// - Returns: false for a row that contradicts the others; it is left out.
  package mutating func restore(_ row: StoredRow) -> Bool {
    switch row {
    case .host(let host, let stored):
      hosts[host].restore(stored)
      return true
    case .slot(let host, let stored): return slots.restore(stored, of: host)
    case .ports(let host, let stored): return ports.restore(stored, of: host)
    case .claim(let spi, let stored): return claims.restore(stored, on: spi)
    case .claimQuarantine(let spi, let stored): return claims.restore(stored, on: spi)
    case .slotQuarantine(let slot, let stored): return slots.restore(stored, on: slot)
    case .portQuarantine(let unit, let stored): return ports.restore(stored, on: unit)
    case .entry(let id, let stored):
      return validations.restore(
        stored, id, generation: generations.next(), peerGeneration: generations.next())
    case .revocation(let target, let host, let stored):
      let key = Revocation.Key(target: target, host: host)
      return revocations.restore(stored, key, generation: generations.next())
    case .action(let number, let stored):
      storedActions.add(stored, number)
      return true
    case .image(let key, let stored):
      storedActions.add(stored, key)
      return true
    case .withdrawal(let number, let stored):
      lastWithdrawal = max(lastWithdrawal, number)
      return hosts[stored.host].withdrawals.restore(
        Withdrawals.Numbered(number: number, item: stored.item, reason: stored.reason))
    }
  }

  /// Where each host was last heard, by name.
  package var contacts: [String: Contact] {
    var contacts: [String: Contact] = [:]
    for host in hosts.all { contacts[host.name] = host.contact }
    return contacts
  }

  /// Ends the loading: the time of suspended hosts stands still again, and what was provisional is
  /// due to be rolled back.
  package mutating func endRestoring() {
    for host in hosts.all where host.isSuspended {
      slots.pause(host.index)
      claims.pause(host.index)
      ports.pause(host.index)
      validations.pause(host.index)
    }
    restoreActions()
  }
}

extension Host {
  /// What the store keeps of the host.
  fileprivate var storedRow: StoredRow {
    .host(index, StoredHost(suspendedSince: suspendedSince, contact: contact))
  }

  fileprivate mutating func restore(_ stored: StoredHost) {
    suspendedSince = stored.suspendedSince
    // One that was moved to another address is not there any more.
    contact = stored.contact.flatMap { $0.remote.address == identity.insideAddress ? $0 : nil }
  }
}

extension Validation {
  /// What the store keeps of the row.
  var stored: StoredEntry {
    StoredEntry(host: host, entry: entry, origin: origin, created: created, expires: expires)
  }
}

extension Revocation {
  /// What the store keeps of the revocation.
  var stored: StoredRevocation {
    StoredRevocation(by: by, reason: reason, created: created, expires: expires)
  }
}
