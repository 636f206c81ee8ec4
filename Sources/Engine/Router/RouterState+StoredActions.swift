internal import PAP

// Provisional actions over a restart: they come back due, and the first step rolls them back.

extension RouterState {
  /// Makes actions again of what was stored of those that were provisional.
  ///
  /// To be called when every other row has been restored.
  mutating func restoreActions() {
    // What is the same has the same generation: so each change finds what it has made, and what
    // somebody else has made of it since is left alone.
    var known: [StoredImage: UInt64] = [:]
    for (number, halves) in storedActions.halves.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      let changes = halves.places.compactMap { place in
        change(from: halves.before[place], to: halves.after[place], &known)
      }
      let header = halves.header ?? StoredAction(actor: .unknown, title: "an action")
      actions.restore(
        Action(
          number: number, actor: header.actor, title: header.title, changes: changes,
          since: .max, until: .max,
          provisionalUntil: 0), storedAs: halves.keys(of: number))
    }
    storedActions = StoredActions()
  }

  /// The change that leads from one half to the other.
  private mutating func change(
    from before: StoredImage?, to after: StoredImage?, _ known: inout [StoredImage: UInt64]
  ) -> Change? {
    let one = before.map { generation(of: $0, &known) } ?? 0
    let other = after.map { generation(of: $0, &known) } ?? 0
    return switch (before, after) {
    case (.entry(let entry), nil): .removed(row(entry, one))
    case (nil, .entry(let current)): .validated(before: nil, after: row(current, other))
    case (.entry(let entry), .entry(let current)):
      .validated(before: row(entry, one), after: row(current, other))
    case (.revocation(let target, let host, let stored), nil):
      .lifted(revocation(target, host, stored, one))
    case (nil, .revocation(let target, let host, let current)):
      .revoked(before: nil, after: revocation(target, host, current, other))
    case (.revocation(_, _, let stored), .revocation(let target, let host, let current)):
      .revoked(
        before: revocation(target, host, stored, one),
        after: revocation(target, host, current, other))
    case (.suspension(let host, let since), nil): suspension(host, (since, one), (nil, nil))
    case (nil, .suspension(let host, let since)): suspension(host, (nil, nil), (since, other))
    default: nil
    }
  }

  /// The generation of what is there and is the same, or one that all that is the same has.
  private mutating func generation(
    of image: StoredImage, _ known: inout [StoredImage: UInt64]
  ) -> UInt64 {
    if let present = presentGeneration(of: image) ?? known[image] { return present }
    let generation = generations.next()
    known[image] = generation
    return generation
  }

  private func presentGeneration(of image: StoredImage) -> UInt64? {
    switch image {
    case .entry(let stored):
      let row = validations[Validation.Key(stored.host, stored.entry)]
      return row?.stored == stored ? row?.generation : nil
    case .revocation(let target, let host, let stored):
      let revocation = revocations[Revocation.Key(target: target, host: host)]
      return revocation?.stored == stored ? revocation?.generation : nil
    case .suspension(let host, let since):
      return hosts[host].suspendedSince == since ? hosts[host].generation : nil
    }
  }

  private func row(_ stored: StoredEntry, _ generation: UInt64) -> Validation {
    Validation(
      id: EntryID(rawValue: 0), host: stored.host, entry: stored.entry, origin: stored.origin,
      created: stored.created, expires: stored.expires, generation: generation,
      peerGeneration: generation)
  }

  private func revocation(
    _ target: CIDR, _ host: HostIndex?, _ stored: StoredRevocation, _ generation: UInt64
  ) -> Revocation {
    Revocation(
      key: Revocation.Key(target: target, host: host), by: stored.by, reason: stored.reason,
      created: stored.created, expires: stored.expires, generation: generation)
  }

  /// A host that is not suspended has no image; all such are the same.
  private func suspension(
    _ host: HostIndex, _ before: (since: UInt64?, generation: UInt64?),
    _ after: (since: UInt64?, generation: UInt64?)
  ) -> Change {
    let active = hosts[host].isSuspended ? 0 : hosts[host].generation
    return .suspension(
      host,
      before: Change.Suspension(since: before.since, generation: before.generation ?? active),
      after: Change.Suspension(since: after.since, generation: after.generation ?? active))
  }
}

extension StoredActions.Halves {
  /// What the store has of the action.
  fileprivate func keys(of number: ActionNumber) -> [StoredRow.Key] {
    let images = { (places: Dictionary<Int, StoredImage>.Keys, isAfter: Bool) in
      places.map {
        StoredRow.Key.image(ImageKey(action: number, place: $0, isAfter: isAfter))
      }
    }
    return [.action(number)] + images(before.keys, false) + images(after.keys, true)
  }
}
