internal import PAP

/// What the router should hold, put together: for the security associations there are, and what
/// somebody validated by hand.
struct EntrySources: Sendable {
  /// Why an entry is wanted.
  enum Origin: String, Codable, Sendable {
    /// The IKE daemon has a security association for it.
    case association
    /// Somebody asked for it.
    case manual
  }

  private var associations: [EntryKey: Entry] = [:]
  private var manual: [EntryKey: Entry] = [:]
  /// Taken out by hand although associations want them; until these are gone.
  private var suppressed: Set<EntryKey> = []

  /// Everything wanted now.
  var entries: [EntryKey: Entry] {
    manual.merging(associations.filter { !suppressed.contains($0.key) }) { _, fromIKE in fromIKE }
  }

  /// Why an entry is wanted; nil if it is not.
  func origin(of key: EntryKey) -> Origin? {
    if manual[key] != nil { return .manual }
    return associations[key] != nil && !suppressed.contains(key) ? .association : nil
  }

  /// The associations want these entries now and no others.
  mutating func setAssociations(_ entries: [EntryKey: Entry]) {
    associations = entries
    suppressed.formIntersection(entries.keys)
  }

  /// Somebody wants an entry.
  mutating func validate(_ entry: Entry) {
    manual[EntryKey(entry)] = entry
    suppressed.remove(EntryKey(entry))
  }

  /// What somebody wanted is not to be had.
  mutating func withdraw(_ entry: Entry) {
    manual[EntryKey(entry)] = nil
  }

  /// Somebody wants an entry, and all that its invalidation implies, gone.
  ///
  /// One that associations want stays out until it is validated by hand or a new association wants
  /// it.
  mutating func invalidate(_ entry: Entry) {
    let key = EntryKey(entry)
    manual = manual.filter { !key.invalidates($0.key) }
    suppressed.formUnion(associations.keys.filter { key.invalidates($0) })
  }
}
