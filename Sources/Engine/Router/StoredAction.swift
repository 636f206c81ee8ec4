package import PAP

/// Something provisional, as the store keeps it: a restart rolls it back.
package struct StoredAction: Hashable, Sendable {
  package var actor: AuditActor
  /// The order for people.
  package var title: String
}

/// Names one half of a change of a provisional action: how it was, or how it became.
package struct ImageKey: Hashable, Sendable {
  package let action: ActionNumber
  /// The number of the change in the action.
  package let place: Int
  package let isAfter: Bool

  package init(action: ActionNumber, place: Int, isAfter: Bool) {
    self.action = action
    self.place = place
    self.isAfter = isAfter
  }
}

/// One half of a change.
package enum StoredImage: Hashable, Sendable {
  case entry(StoredEntry)
  case revocation(CIDR, HostIndex?, StoredRevocation)
  /// A host that is suspended, since then (monotonic nanoseconds).
  case suspension(HostIndex, since: UInt64)
}

extension Action {
  /// What the store keeps of a provisional action.
  var storedRows: [StoredRow] {
    let images = changes.enumerated().flatMap { place, change in
      [(change.stored.before, false), (change.stored.after, true)].compactMap { image, isAfter in
        image.map { StoredRow.image(ImageKey(action: number, place: place, isAfter: isAfter), $0) }
      }
    }
    return [.action(number, StoredAction(actor: actor, title: title))] + images
  }
}

extension Change {
  /// Both halves; one of them may be nothing.
  fileprivate var stored: (before: StoredImage?, after: StoredImage?) {
    switch self {
    case .removed(let row): (.entry(row.stored), nil)
    case .validated(let before, let after):
      (before.map { .entry($0.stored) }, .entry(after.stored))
    case .revoked(let before, let after): (before.map(\.image), after.image)
    case .lifted(let before): (before.image, nil)
    case .suspension(let host, let before, let after):
      (
        before.since.map { .suspension(host, since: $0) },
        after.since.map { .suspension(host, since: $0) }
      )
    }
  }
}

extension Revocation {
  fileprivate var image: StoredImage { .revocation(key.target, key.host, stored) }
}

/// Provisional actions as they come back from the store, half by half.
struct StoredActions: Sendable {
  /// What is known of one action so far.
  struct Halves: Sendable {
    var header: StoredAction?
    var before: [Int: StoredImage] = [:]
    var after: [Int: StoredImage] = [:]

    /// The changes, in their order.
    var places: [Int] { Set(before.keys).union(after.keys).sorted() }
  }

  private(set) var halves: [ActionNumber: Halves] = [:]

  /// Takes an action without its changes.
  mutating func add(_ action: StoredAction, _ number: ActionNumber) {
    halves[number, default: Halves()].header = action
  }

  /// Takes one half of a change.
  mutating func add(_ image: StoredImage, _ key: ImageKey) {
    if key.isAfter {
      halves[key.action, default: Halves()].after[key.place] = image
    } else {
      halves[key.action, default: Halves()].before[key.place] = image
    }
  }
}
