/// What has changed since the last look, each once, in the order of its first change.
struct TouchList<Key: Hashable & Sendable>: Sendable {
  private var keys: [Key] = []
  private var known: Set<Key> = []

  /// Notes a change.
  mutating func add(_ key: Key) {
    if known.insert(key).inserted { keys.append(key) }
  }

  /// What has changed; from now on nothing has.
  mutating func take() -> [Key] {
    guard !keys.isEmpty else { return [] }
    defer {
      keys = []
      known = []
    }
    return keys
  }
}
