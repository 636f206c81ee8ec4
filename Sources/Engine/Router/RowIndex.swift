internal import PAP

/// Finds the rows of the established SA table that have something in common.
///
/// Adding and removing are O(1); the order is the same in every run that does the same.
struct RowIndex<Key: Hashable & Sendable>: Sendable {
  private var rows: [Key: [EntryID]] = [:]
  /// Where in its list a row stands, by the row's number.
  private var places: [EntryID: Int] = [:]

  /// The rows of a key.
  subscript(key: Key) -> [EntryID] { rows[key] ?? [] }

  /// Adds a row that is not there yet.
  mutating func insert(_ id: EntryID, for key: Key) {
    places[id] = rows[key]?.count ?? 0
    rows[key, default: []].append(id)
  }

  /// Removes a row; the last one of the list takes its place.
  mutating func remove(_ id: EntryID, for key: Key) {
    guard let place = places.removeValue(forKey: id),
      let last = rows[key]?.popLast()
    else { return }
    if last != id {
      rows[key]?[place] = last
      places[last] = place
    }
    if rows[key]?.isEmpty == true { rows[key] = nil }
  }
}

/// Counts the different inbound SPIs that each host's rows name.
struct SPIUse: Sendable {
  private struct Use: Hashable {
    let host: HostIndex
    let spi: SPI
  }

  private var rows: [Use: Int] = [:]
  private var spis: [HostIndex: Int] = [:]

  /// How many different SPIs the host's rows name.
  func count(of host: HostIndex) -> Int { spis[host] ?? 0 }

  /// Counts a row.
  mutating func add(_ row: Validation) {
    guard let spi = row.entry.spiIn else { return }
    let use = Use(host: row.host, spi: spi)
    rows[use, default: 0] += 1
    if rows[use] == 1 { spis[row.host, default: 0] += 1 }
  }

  /// Counts a row no longer.
  mutating func remove(_ row: Validation) {
    guard let spi = row.entry.spiIn else { return }
    let use = Use(host: row.host, spi: spi)
    guard let count = rows[use] else { return }
    rows[use] = count > 1 ? count - 1 : nil
    if count == 1 { spis[row.host, default: 0] -= 1 }
  }
}
