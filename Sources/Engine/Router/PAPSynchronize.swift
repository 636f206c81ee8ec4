internal import PAP

// `synchronize`: the host's whole set in one step (pap.md, section 5).

extension RouterState {
  /// Takes one part of a set; with the last one the set replaces what the host had validated.
  ///
  /// What an operator validated for the host stays. The answer says how many parts are missing.
  mutating func synchronize(
    _ request: Message, host: HostIndex, session: UInt32, now: Instant
  ) throws(Refusal) -> Answer {
    guard let part = request.part else { throw Refusal(.malformed) }
    try checkNotSuspended(host)
    // Parts are remembered, too.
    guard Int(part.total) <= policy.limits.entries else { throw Refusal(.quotaExceeded) }
    var set = UnfinishedSet(total: part.total, session: session)
    if let begun = hosts[host].unfinishedSet,
      begun.admits(part, session: session, at: now.monotonic)
    {
      set = begun
    }
    let refusals = name(request.validAddresses, wish: request.lifetime, in: &set, host: host)
    set.add(part: part.index, expires: now.deadline(after: UnfinishedSet.patience))
    let missing = Message.Option.part(index: set.missing, total: part.total)
    guard set.missing == 0 else {
      hosts[host].unfinishedSet = set
      let results = refusals.map { $0?.code ?? .success }
      return Answer(results.firstRefusal, [missing, .entryResults(results)])
    }
    hosts[host].unfinishedSet = nil
    let outcomes = replaceEntries(of: host, with: set, now: now)
    let answer = answer(request.validAddresses, refusals, outcomes, host: host)
    return Answer(answer.code, [missing] + answer.options)
  }

  /// Adds entries to the set that is being put together; for each why not, or nil.
  private func name(
    _ entries: [Entry], wish: UInt32?, in set: inout UnfinishedSet, host: HostIndex
  ) -> [Refusal?] {
    var others = operatorKeys(of: host, besides: set)
    var refusals: [Refusal?] = []
    for entry in entries {
      do throws(Refusal) {
        try checkAcceptable(entry, host: host)
        let key = Validation.Key(host, entry)
        let isCounted = set.contains(key) || others.remove(key) != nil
        guard isCounted || set.count + others.count < policy.limits.entries else {
          throw Refusal(.quotaExceeded)
        }
        set.name(entry, key: key, wish: wish)
        refusals.append(nil)
      } catch {
        refusals.append(error)
      }
    }
    return refusals
  }

  /// The operator's entries for a host that a set does not name.
  private func operatorKeys(
    of host: HostIndex, besides set: UnfinishedSet
  ) -> Set<Validation.Key> {
    let rows = validations.rows(of: host)
    return Set(rows.lazy.filter { $0.origin == .operator && !set.contains($0.key) }.map(\.key))
  }

  /// Carries a whole set out; what its entries have come to, in their order.
  private mutating func replaceEntries(
    of host: HostIndex, with set: UnfinishedSet, now: Instant
  ) -> [(key: Validation.Key, outcome: Result<UInt32, Refusal>)] {
    let stale = validations.rows(of: host).filter {
      $0.origin == .host && !set.contains($0.key)
    }
    // Both may have changed since the first part came: what is the host's, and what is the operator's.
    var room = policy.limits.entries - operatorKeys(of: host, besides: set).count
    // New entries before old ones go, so that no packet falls between.
    let outcomes = set.entries.map { named in
      (
        Validation.Key(host, named.entry),
        put(named, host: host, room: &room, now: now)
      )
    }
    for row in stale { removeEntry(row.id) }
    return outcomes
  }

  private mutating func put(
    _ named: UnfinishedSet.Named, host: HostIndex, room: inout Int, now: Instant
  ) -> Result<UInt32, Refusal> {
    do throws(Refusal) {
      try checkAcceptable(named.entry, host: host)
      guard room > 0 else { throw Refusal(.quotaExceeded) }
      let isNew = validations[Validation.Key(host, named.entry)] == nil
      guard !isNew || validations.hasRoom else { throw Refusal(.noResources) }
      room -= 1
      return .success(put(named.entry, host: host, wish: named.wish, now: now))
    } catch {
      return .failure(error)
    }
  }

  /// The answer to the part that made a set whole: its own entries' results, and as the code the first
  /// refusal, be it of an entry that an earlier part named.
  private func answer(
    _ entries: [Entry], _ refusals: [Refusal?],
    _ outcomes: [(key: Validation.Key, outcome: Result<UInt32, Refusal>)], host: HostIndex
  ) -> Answer {
    let byKey = Dictionary(outcomes.map { ($0.key, $0.outcome) }) { $1 }
    var own = EntryOutcomes()
    for (entry, refusal) in zip(entries, refusals) {
      let carriedOut = byKey[Validation.Key(host, entry)]
      own.add(refusal.map { .failure($0) } ?? carriedOut ?? .failure(Refusal(.noResources)))
    }
    let late = outcomes.lazy.compactMap { one -> ResultCode? in
      if case .failure(let refusal) = one.outcome { refusal.code } else { nil }
    }.first
    guard own.code == .success, let late else { return own.answer }
    return Answer(late, [.entryResults(own.results)])
  }
}
