// Marking rows.
extension Model {
  /// Rows that are asked for at once when all are marked.
  private static let page = 1_000
  /// Does one of the actions on marks; nil for all others.
  mutating func performOnMarks(_ id: ActionID) -> [Effect]? {
    switch id {
    case .mark: markRow()
    case .markRange: markRange()
    case .markAll: markAll()
    case .markNone: unmark()
    case .markedOnly: toggleMarkedOnly()
    default: nil
    }
  }

  private mutating func markRow() -> [Effect] {
    guard let row = table.selectedRow else { return [] }
    if !table.marks.toggle(row) { say(Self.fullness, .hint) }
    fitTable()
    return moveCursor(.rows(1)) + survey()
  }

  private static let fullness = "\(Format.grouped(UInt64(Marks.most))) rows are marked: the most"

  // MARK: Ranges

  private mutating func markRange() -> [Effect] {
    guard let anchor = table.marks.anchor else {
      guard let row = table.selectedRow else { return [] }
      table.marks.anchor = Marks.Anchor(id: row.id, index: table.selected)
      fitTable()
      return []
    }
    guard let last = table.selectedID else { return [] }
    if let rows = Self.between(anchor.id, last, in: table.rows) {
      let gone = table.gone
      return finishRange(rows.filter { !gone.contains($0.id) })
    }
    // Both ends may have moved since: rows around them come along.
    let slack = Self.page
    let range = min(anchor.index, table.selected)...max(anchor.index, table.selected)
    guard let query, range.count <= Marks.most - 2 * slack else {
      say("a range has at most \(Marks.most - 2 * slack) rows", .hint)
      return []
    }
    var wanted = query
    wanted.overtakes = false
    wanted.offset = max(0, range.lowerBound - slack)
    wanted.count = range.upperBound + slack - wanted.offset + 1
    return [ask(.window(wanted), for: .range(wanted, anchor.id, last))]
  }

  private static func between(_ first: String, _ last: String, in rows: [Row]) -> ArraySlice<Row>? {
    guard let one = rows.firstIndex(where: { $0.id == first }),
      let other = rows.firstIndex(where: { $0.id == last })
    else { return nil }
    return rows[min(one, other)...max(one, other)]
  }

  private mutating func finishRange(_ rows: some Sequence<Row>) -> [Effect] {
    table.marks.anchor = nil
    table.marks.add(rows)
    if table.marks.count >= Marks.most { say(Self.fullness, .hint) }
    fitTable()
    return survey()
  }

  /// Rows around a range whose ends were not both here.
  mutating func takeRange(_ query: WindowQuery, _ first: String, _ last: String, _ reply: Reply)
    -> [Effect]
  {
    guard view == query.view, table.marks.anchor?.id == first else { return [] }
    guard case .window(let window) = reply,
      let rows = Self.between(first, last, in: window.rows)
    else {
      say("the range was not marked: one of its ends is gone", .failed)
      table.marks.anchor = nil
      return []
    }
    return finishRange(rows)
  }

  // MARK: All, none, only

  private mutating func markAll() -> [Effect] {
    guard var query else { return [] }
    query.offset = 0
    query.count = Self.page
    query.overtakes = false
    table.marks.isMarkingAll = true
    notice = Notice(kind: .pending, text: "marking all matching rows", until: .max)
    return [ask(.window(query), for: .marking(query))]
  }

  /// A page of the rows that are all to be marked.
  mutating func takePage(_ query: WindowQuery, _ reply: Reply) -> [Effect] {
    guard tables[query.view]?.marks.isMarkingAll == true else { return [] }
    guard case .window(let window) = reply, let wanted = currentQuery(of: query.view),
      query.isSameList(as: wanted)
    else { return stopMarking(query.view, "not all rows were marked: they changed meanwhile") }
    tables[query.view]?.marks.add(window.rows)
    let count = tables[query.view]?.marks.count ?? 0
    let next = query.offset + window.rows.count
    guard next < window.matched, !window.rows.isEmpty, count < Marks.most else {
      let marked = "\(Format.grouped(UInt64(count))) marked"
      let all = Format.grouped(UInt64(max(0, window.matched)))
      let isCut = next < window.matched
      return stopMarking(
        query.view, isCut ? "\(marked) of \(all): more is not possible" : "\(marked), all matching")
    }
    var following = query
    following.offset = next
    return [ask(.window(following), for: .marking(following))]
  }

  private mutating func stopMarking(_ view: ViewID, _ text: String) -> [Effect] {
    tables[view]?.marks.isMarkingAll = false
    say(text, .done)
    fitTable()
    return view == self.view ? survey() : []
  }

  private mutating func unmark() -> [Effect] {
    let hadOnly = table.marks.showsOnly
    if notice?.kind == .pending, table.marks.isMarkingAll { notice = nil }
    table.marks.removeAll()
    fitTable()
    return hadOnly ? reordered() : []
  }

  private mutating func toggleMarkedOnly() -> [Effect] {
    table.marks.showsOnly.toggle()
    fitTable()
    return reordered()
  }

  /// What Escape takes away of marks: a range, else all; false if there is nothing.
  mutating func dropMarks() -> [Effect]? {
    guard view.isTable, !table.marks.isQuiet || table.marks.isMarkingAll else { return nil }
    if table.marks.anchor != nil {
      table.marks.anchor = nil
      fitTable()
      return []
    }
    return unmark()
  }

  /// After the height of the table may have changed.
  mutating func fitTable() {
    if view.isTable { table.scrollToSelection(height: tableHeight) }
  }
}
