internal import PAP

// `address-validate` and `address-invalidate`: entry by entry (pap.md, section 5).

extension RouterState {
  /// Adds or refreshes the entries of a request.
  mutating func addressValidate(
    _ request: Message, host: HostIndex, now: Instant
  ) throws(Refusal) -> Answer {
    let entries = request.validAddresses
    guard !entries.isEmpty else { throw Refusal(.malformed) }
    try checkNotSuspended(host)
    var outcomes = EntryOutcomes()
    for entry in entries {
      outcomes.add(validate(entry, host: host, wish: request.lifetime, now: now))
    }
    return outcomes.answer
  }

  /// Removes the entries that a request names.
  ///
  /// One that is not there is no error.
  mutating func addressInvalidate(_ request: Message, host: HostIndex) throws(Refusal) -> Answer {
    let entries = request.invalidAddresses
    guard !entries.isEmpty else { throw Refusal(.malformed) }
    for entry in entries { invalidate(entry, host: host) }
    let results = entries.map { _ in ResultCode.success }
    return Answer(.success, [.entryResults(results)])
  }

  /// Adds or refreshes an entry; the seconds that it is granted, or why it is not.
  private mutating func validate(
    _ entry: Entry, host: HostIndex, wish: UInt32?, now: Instant
  ) -> Result<UInt32, Refusal> {
    do {
      try checkAcceptable(entry, host: host)
      if validations[Validation.Key(host, entry)] == nil { try checkRoom(host) }
      return .success(put(entry, host: host, wish: wish, now: now))
    } catch {
      return .failure(error)
    }
  }

  /// Adds or refreshes an entry for which everything was checked; the seconds that it is granted.
  mutating func put(_ entry: Entry, host: HostIndex, wish: UInt32?, now: Instant) -> UInt32 {
    let term = EntryTerm(wish: wish, leaseEnd: leaseEnd(of: host, entry.spiIn), now: now)
    if let row = validations[Validation.Key(host, entry)] {
      refresh(row, with: entry, term: term, now: now)
    } else {
      insert(entry, host: host, origin: .host, expires: term.end, now: now)
      log(.debug, "\(hosts[host].name): validated \(entry.label)")
    }
    return term.seconds
  }

  /// Refuses an address that cannot be a peer's, an SPI that is not the host's, and an address that
  /// an operator has revoked.
  func checkAcceptable(_ entry: Entry, host: HostIndex) throws(Refusal) {
    guard policy.accepts(entry.address) else { throw Refusal(.unacceptableAddress) }
    guard holds(host, entry.spiIn) else { throw Refusal(.notYours) }
    if revocations.covering(entry.address, host: host) != nil { throw Refusal(.prohibited) }
  }

  private func checkRoom(_ host: HostIndex) throws(Refusal) {
    guard validations.count(of: host) < policy.limits.entries else {
      throw Refusal(.quotaExceeded)
    }
    guard validations.hasRoom else { throw Refusal(.noResources) }
  }

  private mutating func refresh(
    _ row: Validation, with entry: Entry, term: EntryTerm, now: Instant
  ) {
    // What an operator has granted for longer, a refresh of the host's does not shorten.
    let isLonger = row.origin == .operator && (row.expires ?? .max) > (term.end ?? .max)
    let expires = isLonger ? row.expires : term.end
    renew(row, spiOut: entry.spiOut, origin: row.origin, expires: expires, now: now)
  }

  /// Gives a row another lifetime.
  ///
  /// Another outbound SPI makes another row of it, since the data path finds ICMP errors by it.
  mutating func renew(
    _ row: Validation, spiOut: SPI?, origin: EntryOrigin, expires: UInt64?, now: Instant
  ) {
    guard let spiOut, spiOut != row.entry.spiOut, validations.hasRoom else {
      // What a host refreshes by itself is no other row; what an operator has made, both have now.
      let generation = origin == .operator ? generations.next() : nil
      validations.renew(row.id, origin: origin, expires: expires, generation: generation)
      return
    }
    var entry = row.entry
    entry.spiOut = spiOut
    // The new row before the old one goes, so that no packet falls between them.
    _ = validations.remove(row.id)
    let id = validations.insert(
      entry, host: row.host, origin: origin, created: row.created, expires: expires,
      generation: generations.next(), peerGeneration: row.peerGeneration)
    change(.insertEntry(id, row.host, entry))
    change(.removeEntry(row.id))
  }

  /// Adds a row whose key is new.
  @discardableResult
  mutating func insert(
    _ entry: Entry, host: HostIndex, origin: EntryOrigin, expires: UInt64?, now: Instant
  ) -> EntryID {
    let id = validations.insert(
      entry, host: host, origin: origin, created: now, expires: expires,
      generation: generations.next(), peerGeneration: generations.next())
    change(.insertEntry(id, host, entry))
    return id
  }

  /// Removes what an entry names: inbound SPI 0 stands for every SPI, and protocol 0 for every
  /// protocol.
  private mutating func invalidate(_ entry: Entry, host: HostIndex) {
    for id in rows(namedBy: entry, host: host) { removeEntry(id) }
    log(.debug, "\(hosts[host].name): invalidated \(entry.label)")
  }

  private func rows(namedBy entry: Entry, host: HostIndex) -> [EntryID] {
    let protocols = entry.ipsecProtocol == .any ? IPsecProtocol.allCases : [entry.ipsecProtocol]
    if entry.spiIn != nil {
      return protocols.compactMap {
        var one = entry
        one.ipsecProtocol = $0
        return validations[Validation.Key(host, one)]?.id
      }
    }
    return validations.rows(of: host, for: entry.address).filter {
      protocols.contains($0.entry.ipsecProtocol)
    }.map(\.id)
  }
}

extension Entry {
  /// The entry for people: `192.0.2.10 esp 0x7c010001`.
  var label: String {
    "\(address) \(ipsecProtocol.name) \(spiIn.map { "\($0)" } ?? "any SPI")"
  }
}
