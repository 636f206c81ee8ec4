internal import Engine
internal import PAP

/// The rows of a table that the operator has marked, to act on several at once.
///
/// A mark belongs to an object, not to a place: it goes with it through sorting, scrolling and
/// filters. What the filter hides is counted, and never acted on.
struct Marks: Sendable {
  /// One marked object.
  struct Mark: Sendable {
    /// The row as the router last showed it.
    var row: Row
    /// The object's generation when it was marked: what the operator has seen and decided about.
    let generation: UInt64?
    /// Whether the filter keeps it off the table.
    var isHidden = false
    /// Marks in the order in which they were made.
    let number: Int

    /// Whether somebody has changed the object since it was marked.
    var isChanged: Bool { row.generation != generation }
  }

  /// Where a range begins while it is being marked.
  struct Anchor: Equatable, Sendable {
    let id: String
    /// The number of its row among the matched when the range began.
    let index: Int
  }

  /// The most rows that can be marked: one batch takes no more commands.
  static let most = 10_000

  private var byID: [String: Mark] = [:]
  private var lastNumber = 0
  /// Marks that the filter keeps off the table.
  private(set) var hiddenCount = 0
  /// The beginning of the range that is being marked.
  var anchor: Anchor?
  /// Whether the table shows marked rows only.
  var showsOnly = false
  /// Whether all matching rows are being marked, page by page.
  var isMarkingAll = false
  /// When the router was last asked about the marked objects, monotonic nanoseconds.
  var surveyedAt: UInt64 = 0

  var count: Int { byID.count }
  var isEmpty: Bool { byID.isEmpty }
  /// Whether there is anything about marks that the screen must say.
  var isQuiet: Bool { isEmpty && anchor == nil && !showsOnly }

  /// How many marked objects were changed since they were marked.
  var changedCount: Int { byID.values.count(where: \.isChanged) }

  subscript(id: String) -> Mark? { byID[id] }

  /// Those that the filter shows, in the order in which they were marked.
  var visible: [Mark] {
    byID.values.filter { !$0.isHidden }.sorted { $0.number < $1.number }
  }

  /// Marks rows, as far as there is room; marks that are there stay as they are.
  mutating func add(_ rows: some Sequence<Row>) {
    for row in rows where count < Self.most && byID[row.id] == nil {
      lastNumber += 1
      byID[row.id] = Mark(row: row, generation: row.generation, number: lastNumber)
    }
  }

  /// Takes the mark off a row, or marks it; false if there is no room for another mark.
  mutating func toggle(_ row: Row) -> Bool {
    if byID[row.id] != nil {
      remove([row.id])
    } else {
      add([row])
    }
    return count < Self.most || byID[row.id] != nil
  }

  /// Takes marks off; the table shows all rows again once there is none.
  mutating func remove(_ ids: some Sequence<String>) {
    for id in ids { byID[id] = nil }
    recount()
  }

  /// Takes all marks off.
  mutating func removeAll() {
    self = Marks()
  }

  /// Takes rows in as the router shows them now; those that are not marked do not matter.
  mutating func refresh(_ rows: [Row]) {
    guard !isEmpty else { return }
    for row in rows { byID[row.id]?.row = row }
  }

  /// Takes in which of the objects that were asked about exist.
  ///
  /// - Returns: how many marks were dropped since their objects are gone.
  mutating func keep(existing rows: [Row], of asked: [String]) -> Int {
    let before = count
    for id in missing(in: rows, of: asked) { byID[id] = nil }
    recount()
    return before - count
  }

  /// Takes in which of the objects that were asked about the filter shows.
  mutating func show(only rows: [Row], of asked: [String]) {
    for row in rows { byID[row.id]?.isHidden = false }
    for id in missing(in: rows, of: asked) { byID[id]?.isHidden = true }
    recount()
  }

  // Rows that were marked after the question are not among those asked about.
  private func missing(in rows: [Row], of asked: [String]) -> [String] {
    let (asked, found) = (Set(asked), Set(rows.map(\.id)))
    return byID.compactMap { id, mark in
      mark.row.markValue.map(asked.contains) ?? false && !found.contains(id) ? id : nil
    }
  }

  private mutating func recount() {
    hiddenCount = byID.values.count(where: \.isHidden)
    if isEmpty { showsOnly = false }
  }

  /// What names the marked objects to the router, in a steady order.
  var values: [String] { byID.values.compactMap(\.row.markValue).sorted() }
}

extension Row {
  /// The router's number for the object as it is; nil where it gives none.
  ///
  /// Another object has another one, and so has this one after a change that somebody made to it.
  var generation: UInt64? {
    switch self {
    case .association(let row): row.generation
    case .host(let row): row.generation
    case .peer(let row): row.generation
    case .drop, .reason, .dropSource, .dropHost, .ike, .ports, .audit: nil
    }
  }

  /// What names the object in the argument `marked` of the verb `window`.
  var markValue: String? {
    switch self {
    case .association(let row): row.id.map { "\($0)" }
    case .host(let row): row.name
    case .peer(let row): "\(row.target)"
    case .drop, .reason, .dropSource, .dropHost, .ike, .ports, .audit: nil
    }
  }
}

extension TableState {
  /// Whether the router must know the marks to answer: it is asked for marked rows.
  var wantsMarks: Bool { marks.showsOnly || filter.lowercased().contains("marked") }
}
