internal import PAP

/// The host's side of the established SA table, pure: what the router should hold, what it is
/// believed to hold, and so what to tell it next.
struct EntryTable: Sendable {
  /// Entries in one message (pap.md, section 4).
  static let mostPerMessage = 48

  /// What became of one entry.
  struct Record: Equatable, Sendable {
    /// As it was last sent.
    var entry: Entry
    /// False only where the router certainly does not hold it: it was not sent, or it was removed.
    var mayBeHeld = false
    /// The router's last answer; nil before there is one.
    var result: ResultCode?
    /// When to validate it, again.
    var due = Moment.zero
    /// Since when the router holds it, where its last answer says that it does.
    var validSince: Moment?
  }

  /// What the router should hold.
  private(set) var desired: [EntryKey: Entry] = [:]
  /// What became of entries, desired or not.
  private(set) var records: [EntryKey: Record] = [:]

  /// The router should hold this and no more.
  mutating func desire(_ entries: [EntryKey: Entry]) {
    desired = entries
    for (key, entry) in entries where records[key]?.entry != entry {
      records[key, default: Record(entry: entry)].entry = entry
      records[key]?.due = .zero
    }
    forgetWhatIsOver()
  }

  /// Validations to send now, in a fixed order: first those that admit every SPI.
  ///
  /// Only those that `isPossible` admits: the others' SPIs are not the host's yet.
  func toValidate(now: Moment, where isPossible: (Entry) -> Bool) -> [Entry] {
    let due = desired.filter { (records[$0.key]?.due ?? .zero) <= now && isPossible($0.value) }
    return Array(due.values.sorted(by: Self.isFirst).prefix(Self.mostPerMessage))
  }

  /// Everything that `isPossible` admits, cut into messages: at least one, which may be empty.
  func parts(where isPossible: (Entry) -> Bool) -> [[Entry]] {
    let all = desired.values.filter(isPossible).sorted(by: Self.isFirst)
    let starts = stride(from: 0, to: max(1, all.count), by: Self.mostPerMessage)
    return starts.map { Array(all[$0..<min($0 + Self.mostPerMessage, all.count)]) }
  }

  /// Invalidations to send now, none of them implied by another.
  func toInvalidate() -> [Entry] {
    let over = records.filter { $0.value.mayBeHeld && desired[$0.key] == nil }
    var picked: [Entry] = []
    for entry in over.values.map(\.entry).sorted(by: Self.isFirst) {
      let key = EntryKey(entry)
      if picked.contains(where: { $0.spiIn == nil && EntryKey($0).invalidates(key) }) { continue }
      picked.append(entry)
      if picked.count == Self.mostPerMessage { break }
    }
    return picked
  }

  /// Whether `toInvalidate` has something to give.
  var hasInvalidations: Bool {
    records.contains { $0.value.mayBeHeld && desired[$0.key] == nil }
  }

  /// When `toValidate` will have more to give; nil if never.
  func nextDue(where isPossible: (Entry) -> Bool) -> Moment? {
    desired.filter { isPossible($0.value) }.map { records[$0.key]?.due ?? .zero }.min()
  }

  /// The entries are on their way to be validated.
  mutating func sent(_ entries: [Entry]) {
    for entry in entries {
      records[EntryKey(entry), default: Record(entry: entry)].mayBeHeld = true
    }
  }

  /// The router validated an entry, which is to be renewed at `refresh`.
  mutating func validated(_ entry: Entry, refresh: Moment, now: Moment) {
    let key = EntryKey(entry)
    var record = records[key] ?? Record(entry: entry)
    record.mayBeHeld = true
    record.result = .success
    record.validSince = record.validSince ?? now
    // Another value was asked for while this one was on its way.
    record.due = record.entry == entry ? refresh : .zero
    records[key] = record
  }

  /// The router refused an entry; whether that is news.
  mutating func refused(_ entry: Entry, _ code: ResultCode, retryAt: Moment) -> Bool {
    let key = EntryKey(entry)
    var record = records[key] ?? Record(entry: entry)
    let isNews = record.result != code
    record.result = code
    record.due = retryAt
    switch code {
    case .prohibited, .notYours, .unacceptableAddress:
      record.mayBeHeld = false
      record.validSince = nil
    default: break
    }
    records[key] = record
    forgetWhatIsOver()
    return isNews
  }

  /// The router removed an entry and what its invalidation implies.
  mutating func invalidated(_ entry: Entry) {
    let key = EntryKey(entry)
    // What is still desired has no record then, and so is validated anew.
    records = records.filter { !key.invalidates($0.key) }
    for other in records.keys where key.mayInvalidate(other) { records[other]?.due = .zero }
  }

  /// The router holds no entry but these: it was told the whole set.
  mutating func replaced(by entries: [Entry]) {
    let kept = Set(entries.map { EntryKey($0) })
    records = records.filter { kept.contains($0.key) }
  }

  /// The operator took an entry away.
  ///
  /// If it is still wanted later, it is asked for again.
  mutating func withdrawn(_ entry: Entry, retryAt: Moment) {
    let key = EntryKey(entry)
    records[key] = desired[key].map { Record(entry: $0, result: .prohibited, due: retryAt) }
  }

  /// The lease of these SPIs is over, and so is every entry for one of them.
  mutating func forget(_ isMeant: (SPI) -> Bool) {
    records = records.filter { $0.key.spiIn.map { !isMeant($0) } ?? true }
  }

  /// The router holds nothing any more.
  mutating func forget() {
    records = [:]
  }

  private mutating func forgetWhatIsOver() {
    records = records.filter { $0.value.mayBeHeld || desired[$0.key] != nil }
  }

  private static func isFirst(_ left: Entry, _ right: Entry) -> Bool {
    func order(_ entry: Entry) -> (UInt8, UInt32, UInt8, UInt32) {
      (
        entry.spiIn == nil ? 0 : 1, entry.address.rawValue, entry.ipsecProtocol.rawValue,
        entry.spiIn?.rawValue ?? 0
      )
    }
    return order(left) < order(right)
  }
}
