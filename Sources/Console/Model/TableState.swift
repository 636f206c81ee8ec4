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

  var rows: [Row] = []
  /// The number of the first of `rows` among the matched.
  var offset = 0
  var total = 0
  var matched = 0
  /// Whether an answer has come at all.
  var isLoaded = false

  /// The object that the cursor is on.
  var selectedID: String?
  /// The number of its row among the matched.
  var selected = 0
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

  /// The row with that number among the matched, if it is here.
  func row(at index: Int) -> Row? {
    rows.indices.contains(index - offset) ? rows[index - offset] : nil
  }

  /// The row under the cursor.
  var selectedRow: Row? { row(at: selected) }

  /// Whether the rows of a screenful of `height` are here.
  func covers(height: Int) -> Bool {
    top >= offset && min(matched, top + height) <= offset + rows.count
  }

  /// Moves the cursor to a row and the screen with it.
  mutating func select(_ index: Int, height: Int) {
    selected = max(0, min(index, matched - 1))
    selectedID = selectedRow?.id
    scrollToSelection(height: height)
  }

  /// Moves the screen so that the cursor is on it and no more is empty at its end than needs be.
  mutating func scrollToSelection(height: Int) {
    let height = max(1, height)
    if selected < top { top = selected }
    if selected >= top + height { top = selected - height + 1 }
    top = max(0, min(top, matched - height))
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

  /// Takes an answer in.
  mutating func apply(
    _ window: RowWindow, placement: Placement, height: Int, at time: UInt64
  ) {
    rates.update(window.rows, at: time)
    tallies.update(window.rows, at: time)
    marks.refresh(window.rows)
    freshness.update(window, of: "\(marks.showsOnly) \(acceptedFilter)", at: time)
    total = window.total
    matched = window.matched
    isLoaded = true
    if placement == .held {
      let values = Dictionary(window.rows.map { ($0.id, $0) }, uniquingKeysWith: { old, _ in old })
      rows = rows.map { values[$0.id] ?? $0 }
    } else {
      place(window, anchored: placement == .anchored)
    }
    if selected >= matched { selected = max(0, matched - 1) }
    selectedID = selectedRow?.id ?? selectedID
    scrollToSelection(height: height)
  }

  private mutating func place(_ window: RowWindow, anchored: Bool) {
    rows = window.rows
    offset = window.offset
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

/// Rates of the rows of a table, from the counters of two answers.
struct RateBook: Sendable {
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
