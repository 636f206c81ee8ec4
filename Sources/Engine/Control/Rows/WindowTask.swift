internal import Net

/// Makes the answer to `window`: brings an order of rows up to date, then writes the rows that are
/// wanted, both in steps.
///
/// What changes after the request was read need not be in the answer.
final class WindowTask<Record, Row: Codable & Sendable> {
  /// Rows that are written between two looks at the clock.
  private static var rowsAtOnce: Int { 32 }

  private let query: RowQuery
  private let filter: Filter<Record>
  /// Nil where the rows stand as they are wanted.
  private let order: RowOrder<Record>?
  private let source: () -> RowSource<Record>
  private let row: (Record) -> Row

  /// What the order must have seen, and how often it must have looked at all rows.
  private let mark: RowMark
  private let rounds: Int
  /// The rows written so far.
  private var written: [UInt8] = []
  private var writtenCount = 0
  /// The place in the order of the next row.
  private var place: Int
  private var isWriting = false
  /// What is looked for; nil once it is found, or not.
  private var search: RowSearch<Record>?
  private var found: Int?

  init(
    _ query: RowQuery, _ filter: Filter<Record>, _ order: RowOrder<Record>?,
    _ source: @escaping () -> RowSource<Record>, _ row: @escaping (Record) -> Row
  ) {
    self.query = query
    self.filter = filter
    self.order = order
    self.source = source
    self.row = row
    let present = source()
    mark = present.mark
    search = query.find.map { RowSearch($0, columns: present.columns) }
    place = max(0, query.offset)
    let isStale = order?.isStale(at: MonotonicClock.now()) ?? false
    rounds = (order?.rounds ?? 0) + (isStale ? 1 : 0)
  }

  /// Goes on until a moment (monotonic nanoseconds); the answer once it is there.
  func advance(until deadline: UInt64) throws(ControlError) -> [UInt8]? {
    let source = source()
    if !isWriting, let order {
      while !isReady(order) {
        let isDone = order.advance(
          source, isRound: order.rounds < rounds, filter: filter, until: deadline)
        if !isDone { return nil }
      }
    }
    isWriting = true
    let matched = order.map { $0.items.count } ?? source.total
    guard look(source, matched, until: deadline) else { return nil }
    while writtenCount < query.count, place < matched {
      try write(source, matched)
      if MonotonicClock.now() >= deadline { return nil }
    }
    return whole(total: source.total, matched: matched)
  }

  private func isReady(_ order: RowOrder<Record>) -> Bool {
    order.rounds >= rounds && order.mark.map { mark.isSeen(by: $0) } ?? false
  }

  // Whether the search is over.
  private func look(_ source: RowSource<Record>, _ matched: Int, until deadline: UInt64) -> Bool {
    guard var search else { return true }
    self.search = nil
    let isOver = search.advance(
      among: matched, while: { MonotonicClock.now() < deadline }
    ) { source.record(number(at: $0, source)) }
    if let row = search.found {
      found = row
      place = row
    }
    if !isOver { self.search = search }
    return isOver
  }

  // A row that has gone since the order was made is left out, and the next ones move up.
  private func write(_ source: RowSource<Record>, _ matched: Int) throws(ControlError) {
    let end = min(matched, place + min(Self.rowsAtOnce, query.count - writtenCount))
    let numbers = (place..<end).map { number(at: $0, source) }
    place = end
    let rows = numbers.compactMap(source.record).map(row)
    guard !rows.isEmpty else { return }
    if writtenCount > 0 { written.append(UInt8(ascii: ",")) }
    written += try ControlJSON.encode(rows).dropFirst().dropLast()
    writtenCount += rows.count
  }

  private func number(at place: Int, _ source: RowSource<Record>) -> Int {
    if let order { return order.items[place].number }
    let numbers = source.dense ?? 0..<0
    return query.isDescending ? numbers.upperBound - 1 - place : numbers.lowerBound + place
  }

  private func whole(total: Int, matched: Int) -> [UInt8] {
    // Fewer only where rows have gone that the order still has.
    let start = found ?? query.offset
    let offset = min(start, matched)
    let all = writtenCount < query.count ? offset + writtenCount : matched
    let foundText = found.map { "\"found\":\($0)," } ?? ""
    let head = "{\(foundText)\"matched\":\(min(matched, all)),\"offset\":\(start),\"rows\":["
    return Array(head.utf8) + written + Array("],\"total\":\(total)}".utf8)
  }
}
