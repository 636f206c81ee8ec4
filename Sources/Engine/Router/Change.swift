internal import PAP

/// One thing that an operator has changed: how it was, and how it became.
///
/// Undoing it makes it as it was, provided it still is what it became.
enum Change: Sendable {
  /// An entry is gone.
  case removed(Validation)
  /// An entry has come, or has got another lifetime.
  indirect case validated(before: Validation?, after: Validation)
  /// A revocation has begun or has changed.
  indirect case revoked(before: Revocation?, after: Revocation)
  /// A revocation was lifted.
  indirect case lifted(Revocation)
  /// A host was suspended, or goes on.
  indirect case suspension(HostIndex, before: Suspension, after: Suspension)

  /// Whether a host is suspended, and since when.
  struct Suspension: Hashable, Sendable {
    /// Monotonic nanoseconds; nil for a host that is not.
    var since: UInt64?
    /// The generation of the host.
    var generation: UInt64
  }

  /// What undoing it touches, for others to read.
  func touched(_ name: (HostIndex) -> String) -> Touches.Key {
    switch self {
    case .removed(let row), .validated(_, let row): .target(CIDR(row.entry.address))
    case .revoked(_, let revocation), .lifted(let revocation): .target(revocation.key.target)
    case .suspension(let host, _, _): .host(name(host))
    }
  }

  /// Whether undoing it only takes something away.
  var undoingCutsOff: Bool {
    switch self {
    case .removed, .revoked: false
    case .validated(let before, _): before == nil
    case .lifted: true
    case .suspension(_, let before, _): before.since != nil
    }
  }
}

/// Something that can be undone for a while: all changes of one order.
struct Action: Sendable {
  let number: ActionNumber
  let actor: AuditActor
  /// The order for people.
  let title: String
  /// In the order in which they came about; what a revocation removed comes before it.
  var changes: [Change]
  /// Entries that were removed and are not remembered: too many.
  var forgotten = 0
  /// When it was done, and when it is forgotten (monotonic nanoseconds).
  let since: UInt64
  let until: UInt64
  /// When it is rolled back if nobody keeps it; nil for what holds.
  var provisionalUntil: UInt64?
  /// The connection whose end rolls it back, too.
  var connection: UInt64?

  /// A generation in place of another.
  struct Renewal: Sendable {
    let former: UInt64
    let generation: UInt64
  }

  /// Takes hosts for the same ones although they have other generations by now.
  mutating func follow(_ renewals: [HostIndex: Renewal]) {
    for place in changes.indices {
      guard case .suspension(let host, let before, var after) = changes[place],
        let renewal = renewals[host], after.generation == renewal.former
      else { continue }
      after.generation = renewal.generation
      changes[place] = .suspension(host, before: before, after: after)
    }
  }

  /// What it takes in memory, in changes.
  var weight: Int { changes.count + 1 }
  /// Whether undoing it only takes something away.
  var undoingCutsOff: Bool { changes.allSatisfy(\.undoingCutsOff) }
}
