internal import PAP

/// An address or prefix that may not be validated, until the revocation ends or is lifted.
struct Revocation: Sendable {
  /// What no two revocations share.
  struct Key: Hashable, Comparable, Sendable {
    let target: CIDR
    /// The host that it holds for, or nil for every host.
    let host: HostIndex?

    static func < (left: Key, right: Key) -> Bool { left.order < right.order }

    private var order: (IPv4Address, Int, UInt16) {
      (target.address, target.prefixLength, host?.rawValue ?? 0)
    }
  }

  let key: Key
  var by: String
  var reason: String?
  let created: Instant
  /// When it ends by itself (monotonic nanoseconds), or nil for never.
  var expires: UInt64?
  /// Another one for each version of it.
  var generation: UInt64
}

/// The revocations in force.
struct Revocations: Sendable {
  private var byKey: [Revocation.Key: Revocation] = [:]
  /// How many there are of each prefix length, so that a look-up asks for the lengths that exist.
  private var lengths = [Int](repeating: 0, count: 33)
  private var deadlines = DeadlineQueue<Revocation.Key>()
  /// Revocations that have begun, changed or ended.
  var touched = TouchList<Revocation.Key>()

  /// The number of revocations.
  var count: Int { byKey.count }

  /// The number of those that are like that.
  func count(where isWanted: (Revocation) -> Bool) -> Int { byKey.values.count(where: isWanted) }

  /// The soonest end (monotonic nanoseconds).
  var nextDeadline: UInt64? { deadlines.next }

  /// All of them, oldest first, and those of one moment by target.
  var all: [Revocation] {
    byKey.values.sorted { ($0.created.monotonic, $0.key) < ($1.created.monotonic, $1.key) }
  }

  /// The revocation of exactly that target and scope.
  subscript(key: Revocation.Key) -> Revocation? { byKey[key] }

  /// The widest revocation that covers all of the target for this host; for host nil, for every
  /// host.
  ///
  /// O(number of different prefix lengths).
  func covering(_ target: CIDR, host: HostIndex?) -> Revocation? {
    let scopes = host == nil ? [nil] : [nil, host]
    for length in 0...target.prefixLength where lengths[length] > 0 {
      let wider = CIDR(target.address, prefixLength: length)
      for scope in scopes {
        if let found = byKey[Revocation.Key(target: wider, host: scope)] { return found }
      }
    }
    return nil
  }

  /// The revocation that forbids the host this address, or nil.
  func covering(_ address: IPv4Address, host: HostIndex) -> Revocation? {
    byKey.isEmpty ? nil : covering(CIDR(address), host: host)
  }

  /// Begins a revocation, or replaces the one of the same target and scope.
  mutating func set(_ revocation: Revocation) {
    insert(revocation)
    touched.add(revocation.key)
  }

  /// Takes a revocation back from the store.
  ///
  /// False if there is one of that target and scope.
  mutating func restore(
    _ stored: StoredRevocation, _ key: Revocation.Key, generation: UInt64
  ) -> Bool {
    guard byKey[key] == nil else { return false }
    insert(
      Revocation(
        key: key, by: stored.by, reason: stored.reason, created: stored.created,
        expires: stored.expires, generation: generation))
    return true
  }

  private mutating func insert(_ revocation: Revocation) {
    let key = revocation.key
    if byKey.updateValue(revocation, forKey: key) == nil { lengths[key.target.prefixLength] += 1 }
    if let expires = revocation.expires {
      deadlines.set(key, to: expires)
    } else {
      deadlines.remove(key)
    }
  }

  /// Ends a revocation.
  ///
  /// Nil if there is none of that target and scope.
  mutating func remove(_ key: Revocation.Key) -> Revocation? {
    guard let revocation = byKey.removeValue(forKey: key) else { return nil }
    lengths[key.target.prefixLength] -= 1
    deadlines.remove(key)
    touched.add(key)
    return revocation
  }

  /// A revocation whose time is over and is to be removed, or nil.
  mutating func takeExpired(at moment: UInt64) -> Revocation.Key? {
    deadlines.takeDue(at: moment)
  }
}
