internal import PAP

/// How far the rows have changed: compared with an earlier mark it says what an order of rows lacks.
struct RowMark: Equatable, Sendable {
  /// Changes of the rows that are noted one by one.
  var rows: UInt64
  /// Changes of others.
  var others: UInt64 = 0

  /// Whether nothing that this mark has seen is missing there.
  func isSeen(by other: RowMark) -> Bool { rows <= other.rows && others <= other.others }
}

/// Which entries have changed lately, so that whoever keeps an order of them need not make it anew.
struct RowJournal: Sendable {
  /// Changes that are remembered.
  private static let capacity = 65_536

  private struct Change: Sendable {
    var id: UInt32
    var address: UInt32
  }

  private var ring: [Change] = []
  /// The address of each entry's number that was given out.
  private var addresses: [UInt32] = []
  // The mark from which on every change is in the ring.
  private var complete: UInt64 = 0

  /// Counts changes of entries.
  private(set) var entries: UInt64 = 0
  /// Counts changes of revocations.
  private(set) var revocations: UInt64 = 0
  /// Counts changes of hosts and of what is leased to them.
  private(set) var hosts: UInt64 = 0

  /// Learns the entries that there are.
  mutating func begin(_ views: some Sequence<EntryView>) {
    for view in views { keep(view.entry.address.rawValue, of: view.id.rawValue) }
  }

  /// Notes what a step has changed.
  mutating func note(_ effects: [Effect]) {
    for case .store(let change) in effects {
      switch change {
      case .put(.entry(let id, let stored)):
        keep(stored.entry.address.rawValue, of: id.rawValue)
        add(id.rawValue)
      case .remove(.entry(let id)): add(id.rawValue)
      case .put(.revocation), .remove(.revocation): revocations += 1
      default: hosts += 1
      }
    }
  }

  /// Everything may have changed.
  mutating func reset() {
    entries += 1
    complete = entries
    ring = []
    revocations += 1
    hosts += 1
  }

  /// The numbers of the entries that have changed since; nil if that is not remembered.
  func changedEntries(since mark: UInt64) -> Set<Int>? {
    changes(since: mark).map { Set($0.map { Int($0.id) }) }
  }

  /// The addresses of the entries that have changed since; nil if that is not remembered.
  func changedAddresses(since mark: UInt64) -> Set<Int>? {
    changes(since: mark).map { Set($0.map { Int($0.address) }) }
  }

  private func changes(since mark: UInt64) -> [Change]? {
    guard mark >= complete, mark <= entries else { return nil }
    return (mark..<entries).map { ring[Int($0 % UInt64(Self.capacity))] }
  }

  private mutating func keep(_ address: UInt32, of id: UInt32) {
    let place = Int(id)
    while addresses.count <= place { addresses.append(0) }
    addresses[place] = address
  }

  private mutating func add(_ id: UInt32) {
    let address = Int(id) < addresses.count ? addresses[Int(id)] : 0
    let place = Int(entries % UInt64(Self.capacity))
    // The ring begins wherever the count stands after a reset.
    while ring.count <= place { ring.append(Change(id: 0, address: 0)) }
    ring[place] = Change(id: id, address: address)
    entries += 1
    if entries - complete > UInt64(Self.capacity) { complete = entries - UInt64(Self.capacity) }
  }
}
