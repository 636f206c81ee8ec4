internal import Engine
internal import Net
internal import PAP

/// Rows of a table whose objects are gone: they keep their place for as long as the screen says so.
///
/// A row that an answer does not bring any more may only have moved out of what was asked for. It
/// keeps its place as it was until the router has been asked whether it still exists.
struct GoneRows: Sendable {
  /// One row that an answer did not bring any more.
  struct Entry: Sendable {
    let row: Row
    /// Its number among the rows of the table, these ones included.
    var index: Int
    /// When it was missed, monotonic nanoseconds.
    var since: UInt64
    /// Whether it is certain that its object does not exist any more.
    var isCertain: Bool
  }

  /// How long a row stays that is gone, in nanoseconds.
  static let time = 5 * Moment.second
  /// After so long without an answer nothing is said about what went meanwhile, in nanoseconds.
  static let memory = 15 * Moment.second

  /// In the order of their numbers.
  private(set) var entries: [Entry] = []

  var count: Int { entries.count }

  /// The entry of a row, be it certain or not.
  subscript(id: String) -> Entry? { entries.first { $0.row.id == id } }

  /// Whether a row stands on the screen although its object is gone.
  func contains(_ id: String) -> Bool { self[id]?.isCertain ?? false }

  /// The rows of which it is not known yet whether they are gone.
  var doubtful: [Row] { entries.filter { !$0.isCertain }.map(\.row) }

  /// How many of the rows stand before a number.
  func count(before index: Int) -> Int { entries.count(where: { $0.index < index }) }

  mutating func add(_ row: Row, at index: Int, since time: UInt64, isCertain: Bool) {
    entries.append(Entry(row: row, index: index, since: time, isCertain: isCertain))
    entries.sort { $0.index < $1.index }
  }

  /// Lets rows go, because their time is over or they have come back.
  mutating func remove(where isOver: (Entry) -> Bool) { entries.removeAll(where: isOver) }

  /// Takes in which of the doubtful rows that were asked about exist.
  mutating func settle(existing rows: [Row], of asked: [String], at time: UInt64) {
    let found = Set(rows.map(\.id))
    entries.removeAll { !$0.isCertain && found.contains($0.row.id) }
    for place in entries.indices where !entries[place].isCertain {
      guard entries[place].row.markValue.map(asked.contains) ?? false else { continue }
      entries[place].isCertain = true
      entries[place].since = time
    }
  }

  /// Puts the rows between those of an answer, each at its number, and gives all from the first one
  /// on that is known.
  ///
  /// - Parameters:
  ///   - living: rows that exist, side by side.
  ///   - offset: the number of the first of them among all that exist.
  ///   - reachesEnd: whether none come after them.
  /// - Returns: the rows, and the number of the first of them among all.
  mutating func merged(
    _ living: [Row], from offset: Int, reachesEnd: Bool
  ) -> (rows: [Row], offset: Int) {
    var place = entries.startIndex
    // What is before the answer only moves its numbers.
    var start = offset
    while offset > 0, place < entries.endIndex, entries[place].index <= start {
      place += 1
      start += 1
    }
    var rows: [Row] = []
    for row in living {
      while place < entries.endIndex, entries[place].index <= start + rows.count {
        rows.append(entries[place].row)
        place += 1
      }
      rows.append(row)
    }
    // Those behind the last row follow it: the table has become shorter.
    while place < entries.endIndex, reachesEnd || entries[place].index <= start + rows.count {
      entries[place].index = start + rows.count
      rows.append(entries[place].row)
      place += 1
    }
    return (rows, start)
  }
}

extension Row {
  /// What has become of the row's object at a moment (seconds since 1970), in one word.
  func ending(at wall: Double) -> String {
    guard case .association(let row) = self, let end = row.expires.flatMap(Timestamp.seconds),
      Double(end) <= wall
    else { return "gone" }
    return "expired"
  }
}

// Rows whose objects are gone.
extension Model {
  /// Whether the row that actions are about shows an object that is gone.
  var subjectIsGone: Bool { subjectRow.map { table.gone.contains($0.id) } ?? false }

  /// Asks whether the rows that an answer did not bring any more still exist.
  mutating func askForMissing(in view: ViewID) -> [Effect] {
    guard link == .up, let table = tables[view], view.window != nil else { return [] }
    let values = table.gone.doubtful.compactMap(\.markValue)
    let isAsked = requests.contains { if case .missing = $0 { true } else { false } }
    guard !values.isEmpty, !isAsked else { return [] }
    let query = WindowQuery(
      view: view, filter: "", sort: table.sort, descending: table.descending, offset: 0,
      count: 4 * values.count + 100, marked: values, showsMarkedOnly: true)
    return [ask(.window(query), for: .missing(query))]
  }

  /// The router's answer to that.
  mutating func takeMissing(_ query: WindowQuery, _ reply: Reply) {
    guard var table = tables[query.view] else { return }
    if case .window(let window) = reply, window.matched <= window.rows.count {
      table.settleGone(existing: window.rows, of: query.marked, height: tableHeight, at: now)
    } else {
      // Nobody knows: they are where the answer has put them.
      table.settleGone(existing: table.gone.doubtful, of: [], height: tableHeight, at: now)
    }
    tables[query.view] = table
  }
}
