internal import PAP

/// What the router should hold, put together: for the security associations there are, for peers that
/// may come, for peers that the operator withdrew, and what somebody validated by hand.
struct EntrySources: Sendable {
  /// Why an entry is wanted.
  enum Origin: String, Codable, Sendable {
    /// The IKE daemon has a security association for it.
    case association
    /// Somebody asked for it.
    case manual
    /// The IKE daemon's configuration names the peer.
    case configuration
    /// The operator withdrew the peer; asked for until the router admits it again.
    case withdrawn
  }

  private var associations: [EntryKey: Entry] = [:]
  private var configured: [EntryKey: Entry] = [:]
  /// What somebody validated by hand.
  private(set) var manual: [EntryKey: Entry] = [:]
  /// What was torn down because the operator withdrew its peer.
  private(set) var revivals: [Revival] = []
  /// Taken out by hand although associations want them; until these are gone.
  private var suppressed: Set<EntryKey> = []

  /// Everything wanted now.
  var entries: [EntryKey: Entry] {
    var entries = configured.merging(manual) { _, byHand in byHand }
    for revival in revivals { entries[revival.key] = revival.key.entry(spiOut: nil) }
    let wanted = associations.filter { !suppressed.contains($0.key) }
    return entries.merging(wanted) { _, fromIKE in fromIKE }
  }

  /// Why an entry is wanted; nil if it is not.
  func origin(of key: EntryKey) -> Origin? {
    if manual[key] != nil { return .manual }
    if associations[key] != nil, !suppressed.contains(key) { return .association }
    if revivals.contains(where: { $0.key == key }) { return .withdrawn }
    return configured[key] == nil ? nil : .configuration
  }

  /// The associations want these entries now and no others.
  mutating func observe(_ observation: Observation) {
    associations = observation.entries
    configured = observation.configured
    suppressed.formIntersection(associations.keys)
  }

  /// Peers were withdrawn whose associations are to be made again.
  mutating func await(_ new: [Revival]) {
    for revival in new where !revivals.contains(revival) { revivals.append(revival) }
  }

  /// Takes out what may be made again, since the router holds an entry for it.
  mutating func takeRevivals(where isAdmitted: (EntryKey) -> Bool) -> [Revival] {
    let admitted = revivals.filter { isAdmitted($0.key) }
    revivals.removeAll { isAdmitted($0.key) }
    return admitted
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
    revivals.removeAll { key.invalidates($0.key) }
    suppressed.formUnion(associations.keys.filter { key.invalidates($0) })
  }
}
