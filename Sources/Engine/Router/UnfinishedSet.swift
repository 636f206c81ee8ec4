internal import PAP

/// A set of entries that a host sends with `synchronize`, of which not every part has come yet
/// (pap.md, section 5).
///
/// Parts may come in any order. It holds no more entries and parts than a host may have entries.
struct UnfinishedSet: Sendable {
  /// An entry of the set.
  struct Named: Sendable {
    let entry: Entry
    /// The seconds that the host has asked for, if it has.
    let wish: UInt32?
  }

  /// How many seconds after its latest part a set is forgotten: longer than a host goes on trying.
  static let patience: UInt64 = 30

  private let total: UInt16
  private let session: UInt32
  private var parts: Set<UInt16> = []
  private var places: [Validation.Key: Int] = [:]
  /// The entries in the order in which they were first named.
  private(set) var entries: [Named] = []
  /// When the set is forgotten (monotonic nanoseconds).
  private(set) var expires: UInt64 = .max

  /// Begins a set of so many parts, in a session, or in session 0 where there are none.
  init(total: UInt16, session: UInt32) {
    self.total = total
    self.session = session
  }

  /// The number of entries.
  var count: Int { entries.count }

  /// How many parts have not come.
  var missing: UInt16 { total - UInt16(parts.count) }

  /// Whether a part belongs to this set and is new in it.
  ///
  /// If not, the host has begun anew.
  func admits(
    _ part: (index: UInt16, total: UInt16), session: UInt32, at moment: UInt64
  ) -> Bool {
    part.total == total && session == self.session && moment < expires
      && !parts.contains(part.index)
  }

  /// Notes that a part has come.
  mutating func add(part: UInt16, expires: UInt64) {
    parts.insert(part)
    self.expires = expires
  }

  /// Whether the set has an entry with the key.
  func contains(_ key: Validation.Key) -> Bool { places[key] != nil }

  /// Adds an entry; of two with one key the later one counts.
  mutating func name(_ entry: Entry, key: Validation.Key, wish: UInt32?) {
    let named = Named(entry: entry, wish: wish)
    if let place = places[key] {
      entries[place] = named
    } else {
      places[key] = entries.count
      entries.append(named)
    }
  }
}
