internal import PAP

/// Finds the rows of the established SA table that have something in common.
///
/// Adding and removing are O(1); the order is the same in every run that does the same.
struct RowIndex<Key: Hashable & Sendable>: Sendable {
  private var rows: [Key: [EntryID]] = [:]
  /// Where in its list each row stands, by the row's number.
  private var places: [UInt32] = []

  /// Makes room for so many rows.
  mutating func reserve(_ count: Int) {
    places.reserveCapacity(count)
  }

  /// Different keys that rows have.
  var count: Int { rows.count }

  /// The rows of a key.
  subscript(key: Key) -> [EntryID] { rows[key] ?? [] }

  /// Whether a row has the key.
  func contains(_ key: Key) -> Bool { rows[key] != nil }

  /// Adds a row that is not there yet.
  ///
  /// - Returns: whether it is the first one of its key.
  @discardableResult
  mutating func insert(_ id: EntryID, for key: Key) -> Bool {
    let number = Int(id.rawValue)
    while places.count <= number { places.append(0) }
    let place = rows[key, default: []].add(id)
    places[number] = UInt32(place)
    return place == 0
  }

  /// Removes a row that is there; the last one of the list takes its place.
  mutating func remove(_ id: EntryID, for key: Key) {
    guard let list = rows.index(forKey: key) else { return }
    let place = Int(places[Int(id.rawValue)])
    let last = rows.values[list].removeLast()
    if last != id {
      rows.values[list][place] = last
      places[Int(last.rawValue)] = UInt32(place)
    }
    if rows.values[list].isEmpty { rows.remove(at: list) }
  }
}

extension [EntryID] {
  /// Adds a row; its place.
  fileprivate mutating func add(_ id: EntryID) -> Int {
    append(id)
    return count - 1
  }
}

/// Counts the different inbound SPIs that each host's rows name.
struct SPIUse: Sendable {
  /// Host and SPI in one word, which costs less to look up.
  private struct Use: Hashable {
    let word: UInt64

    init(_ host: HostIndex, _ spi: SPI) {
      word = UInt64(host.rawValue) << 32 | UInt64(spi.rawValue)
    }
  }

  private var rows: [Use: Int] = [:]
  private var spis: [HostIndex: Int] = [:]

  /// Makes room for so many rows.
  mutating func reserve(_ count: Int) {
    rows.reserveCapacity(count)
  }

  /// How many different SPIs the host's rows name.
  func count(of host: HostIndex) -> Int { spis[host] ?? 0 }

  /// Counts a row.
  mutating func add(_ row: Validation) {
    guard let spi = row.entry.spiIn else { return }
    if rows[Use(row.host, spi), default: 0].increment() == 1 { spis[row.host, default: 0] += 1 }
  }

  /// Counts a row no longer.
  mutating func remove(_ row: Validation) {
    guard let spi = row.entry.spiIn else { return }
    let use = Use(row.host, spi)
    guard let count = rows[use] else { return }
    rows[use] = count > 1 ? count - 1 : nil
    if count == 1 { spis[row.host, default: 0] -= 1 }
  }
}

extension Int {
  /// Adds 1; the sum.
  fileprivate mutating func increment() -> Int {
    self += 1
    return self
  }
}
