/// Where a table stands: its rows as last answered, its order, filter, cursor and place.
struct TableState: Sendable {
  /// The field to sort by.
  var sort: String
  var descending: Bool
  /// The filter that is asked for.
  var filter = ""
  /// The last filter that rows came for.
  var acceptedFilter = ""
  /// The text that is looked for in the rows; empty for none.
  var find = ""
  /// Whether the screen stays at the head of a log as rows come.
  var follows = true
  /// Why the filter being typed is not one, with the column of it that is wrong.
  var filterFailure: Refusal?

  /// The rows that are here, those included that are gone and still shown.
  private(set) var rows: [Row] = []
  /// The number of the first of `rows` among all of the table.
  private(set) var offset = 0
  var total = 0
  var matched = 0
  /// Rows that are gone and still shown.
  private(set) var gone = GoneRows()
  /// How many rows the table has on the screen: those that match, and those that are gone.
  var length: Int { matched + gone.count }
  /// Whether an answer has come at all.
  var isLoaded = false

  // What the last answers brought, without what is gone.
  private var living: [Row] = []
  private var livingOffset = 0
  /// When the last answer came, monotonic nanoseconds, and to what.
  private var answered: (time: UInt64, list: String, isWhole: Bool)?

  /// The object that the cursor is on.
  var selectedID: String?
  /// The number of its row.
  var selected = 0
  /// When another object came under the cursor, though the user moved neither, as its own went out of
  /// sight: monotonic nanoseconds; nil if none has.
  private(set) var slippedAt: UInt64?
  /// The number of the first row on the screen.
  var top = 0
  /// How many columns are scrolled away to the left.
  var columnOffset = 0
  /// When the cursor last moved, monotonic nanoseconds.
  var movedAt: UInt64 = 0
  var rates = RateBook()
  var tallies = TallyBook()
  var marks = Marks()
  var freshness = Freshness()

  init(sort: String, descending: Bool) {
    self.sort = sort
    self.descending = descending
  }

  /// The table of a view as it comes up, in the order that the user prefers if that is one of its own.
  init(_ view: ViewID, _ preferred: Preferences.Table?) {
    let fields = Columns.of(view).compactMap(\.sortField)
    if let sort = preferred?.sort, fields.contains(sort.field) {
      self.init(sort: sort.field, descending: sort.descending)
    } else {
      self.init(sort: view.firstSort.field, descending: view.firstSort.descending)
    }
  }

  /// How many rows that exist stand before a number.
  func number(of index: Int) -> Int { index - gone.count(before: index) }

  /// The number that a row has by its number among those that exist.
  func index(of number: Int) -> Int {
    gone.entries.reduce(number) { $1.index <= $0 ? $0 + 1 : $0 }
  }

  /// Whether an answer that begins at a number of those that exist brings the rows that are here.
  func isPlace(of window: RowWindow) -> Bool { window.offset == livingOffset }

  /// The row with that number, if it is here.
  func row(at index: Int) -> Row? {
    rows.indices.contains(index - offset) ? rows[index - offset] : nil
  }

  /// The row under the cursor.
  var selectedRow: Row? { row(at: selected) }

  /// Whether the rows of a screenful of `height` are here.
  func covers(height: Int) -> Bool {
    top >= offset && min(length, top + height) <= offset + rows.count
  }

  /// Moves the cursor to a row and the screen with it.
  mutating func select(_ index: Int, height: Int) {
    selected = max(0, min(index, length - 1))
    selectedID = selectedRow?.id
    scrollToSelection(height: height)
  }

  /// Moves the screen so that the cursor is on it and no more is empty at its end than needs be.
  mutating func scrollToSelection(height: Int) {
    let height = max(1, height)
    if selected < top { top = selected }
    if selected >= top + height { top = selected - height + 1 }
    top = max(0, min(top, length - height))
  }
}

extension TableState {
  /// How an answer changes the place of the rows.
  enum Placement {
    /// Order and place as answered. The cursor goes with its object.
    case fresh
    /// As `fresh`, and the screen goes with the cursor's object too: for a log, whose new rows push
    /// all others down.
    case anchored
    /// The rows stay where they are and only show new values: the cursor is on the move.
    case held
  }

  /// Takes an answer in that came at a moment (monotonic nanoseconds; seconds since 1970).
  mutating func apply(
    _ window: RowWindow, placement: Placement, height: Int, at time: UInt64, wall: Double = 0
  ) {
    rates.update(window.rows, at: time)
    tallies.update(window.rows, at: time)
    marks.refresh(window.rows)
    freshness.update(window, of: "\(marks.showsOnly) \(acceptedFilter)", at: time, wall: wall)
    let isSameList = miss(window, height: height, at: time)
    let before = selectedID
    total = window.total
    matched = window.matched
    isLoaded = true
    if placement == .held {
      let values = Dictionary(window.rows.map { ($0.id, $0) }, uniquingKeysWith: { old, _ in old })
      living = living.map { values[$0.id] ?? $0 }
      arrange()
    } else {
      dropGone(at: time)
      living = window.rows
      livingOffset = window.offset
      arrange()
      follow(anchored: placement == .anchored)
    }
    keepCursor(height: height)
    // At the head of a log that is just what is wanted.
    let isWanted = placement == .anchored && follows && selected == 0
    if isSameList, before != nil, selectedID != before, !isWanted { slippedAt = time }
  }

  private mutating func keepCursor(height: Int) {
    if selected >= length { selected = max(0, length - 1) }
    selectedID = selectedRow?.id ?? selectedID
    scrollToSelection(height: height)
  }

  private mutating func follow(anchored: Bool) {
    // At the head of a log the cursor stays there: it follows what is new.
    if anchored && follows && selected == 0 && top == 0 { return }
    guard let selectedID, let index = rows.firstIndex(where: { $0.id == selectedID }) else {
      return
    }
    let found = offset + index
    if anchored { top = max(0, top + found - selected) }
    selected = found
  }
}

// Rows that are gone.
extension TableState {
  // Notes which rows of the screen an answer does not bring any more; false if the answer before was
  // to another question.
  private mutating func miss(_ window: RowWindow, height: Int, at time: UInt64) -> Bool {
    let list = "\(marks.showsOnly) \(acceptedFilter) \(sort) \(descending)"
    let isWhole = window.offset == 0 && window.matched == window.rows.count
    let before = answered
    answered = (time, list, isWhole)
    let present = Set(window.rows.map(\.id))
    gone.remove { present.contains($0.row.id) }
    guard let before, before.list == list, time < before.time + GoneRows.memory else {
      gone = GoneRows()
      return before?.list == list
    }
    let isCertain = before.isWhole && isWhole && acceptedFilter.isEmpty && !marks.showsOnly
    for index in max(top, offset)..<max(top, offset, min(top + height, offset + rows.count)) {
      let row = rows[index - offset]
      guard row.livesOn, !present.contains(row.id), gone[row.id] == nil else { continue }
      gone.add(row, at: index, since: time, isCertain: isCertain)
    }
    return true
  }

  // A row above the screen does not move what is on it.
  private mutating func dropGone(at time: UInt64) {
    let top = top
    var above = 0
    gone.remove { entry in
      let isOver = entry.isCertain && time >= entry.since + GoneRows.time
      if isOver, entry.index < top { above += 1 }
      return isOver
    }
    self.top -= above
    selected -= above
  }

  // Makes the rows of what exists and of what is gone.
  private mutating func arrange() {
    let shown = gone.count == 0 ? living : living.filter { gone[$0.id] == nil }
    (rows, offset) = gone.merged(
      shown, from: livingOffset, reachesEnd: livingOffset + shown.count >= matched)
  }

  /// Takes in which of the rows that were missing exist.
  mutating func settleGone(existing: [Row], of asked: [String], height: Int, at now: Moment) {
    let before = selectedID
    gone.settle(existing: existing, of: asked, at: now.monotonic)
    arrange()
    follow(anchored: false)
    keepCursor(height: height)
    if selectedID != before { slippedAt = now.monotonic }
  }
}

/// Rates of the rows of a table, from the counters of two answers.
struct RateBook: Equatable, Sendable {
  /// What is known of one object.
  struct Rate: Equatable, Sendable {
    var time: UInt64
    var packets: UInt64
    var octets: UInt64
    /// Nil until the object was seen twice.
    var packetsPerSecond: Double?
    var bitsPerSecond: Double?
  }

  private var rates: [String: Rate] = [:]

  subscript(id: String) -> Rate? { rates[id] }

  /// Takes counters in, read at `time`.
  mutating func update(_ rows: [Row], at time: UInt64) {
    var fresh: [String: Rate] = [:]
    for row in rows {
      guard let counters = row.counters else { return }
      let id = row.id
      fresh[id] = next(rates[id], counters, time)
    }
    // Rows scrolled away are kept for a while, so that coming back shows their rates at once.
    rates = rates.filter { time < $0.value.time + 5 * Moment.second }
    rates.merge(fresh) { _, new in new }
  }

  private func next(
    _ old: Rate?, _ counters: (packets: UInt64, octets: UInt64), _ time: UInt64
  ) -> Rate {
    let fresh = Rate(time: time, packets: counters.packets, octets: counters.octets)
    guard let old, time > old.time else { return old ?? fresh }
    guard time - old.time > Moment.second / 2 else { return old }
    let seconds = Double(time - old.time) / Double(Moment.second)
    var result = fresh
    let packets = fresh.packets >= old.packets ? fresh.packets - old.packets : fresh.packets
    let octets = fresh.octets >= old.octets ? fresh.octets - old.octets : fresh.octets
    result.packetsPerSecond = Self.calm(Double(packets) / seconds, after: old.packetsPerSecond)
    result.bitsPerSecond = Self.calm(Double(octets) * 8 / seconds, after: old.bitsPerSecond)
    return result
  }

  // A rate stands until it differs by more than a measurement of a second tells apart.
  private static func calm(_ rate: Double, after old: Double?) -> Double {
    guard let old, old > 0, rate > 0, abs(rate - old) <= 0.05 * old else { return rate }
    return old
  }
}
