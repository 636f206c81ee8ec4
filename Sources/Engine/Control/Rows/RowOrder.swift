internal import Net

/// The rows of a view that pass a filter, in an order, kept from one question to the next.
///
/// Making it is work for many rows, so it is done in steps; what has changed since is put in its place
/// instead of sorting everything again. Numbers that change all the time, such as packets, are looked
/// at again only after fifty times as long as looking at all of them took: at most a fiftieth of the
/// thread's time goes into one order, and the rows that are shown have their present numbers anyway.
final class RowOrder<Record> {
  /// Rows between two looks at the clock: the fewer, the more the filter asks of each.
  private var rowsAtOnce: Int { max(1, 1_024 / (16 + filter.cost)) }
  private static var patience: UInt64 { 50 }
  /// What takes less than this (nanoseconds) is done anew each time.
  private static var cheap: UInt64 { 1_000_000 }

  /// The rows in their order.
  private(set) var items: [SortItem] = []
  /// The changes up to which the order is right; nil before it was made.
  private(set) var mark: RowMark?
  /// Counts how often all rows were looked at.
  private(set) var rounds = 0

  private var filter: Filter<Record>
  private var key: SortKey<Record>
  private let freshKey: SortKey<Record>
  // When all rows were last looked at, and how long that took, monotonic nanoseconds.
  private var finishedAt: UInt64 = 0
  private var cost: UInt64 = 0
  private var work: Work?

  /// An order that is being made.
  private struct Work {
    let mark: RowMark
    let isRound: Bool
    var runs: SortRuns<Record>
    /// Numbers that are still to be looked at, and how many of them were.
    var numbers: [Int]
    var done = 0
    /// Where the next numbers begin; nil if there are no more.
    var place: Int?
    var spent: UInt64 = 0
  }

  init(_ filter: Filter<Record>, sortedBy column: Column<Record>?, isDescending: Bool) {
    self.filter = filter
    freshKey = SortKey(column, isDescending: isDescending)
    key = freshKey
  }

  /// Whether all rows are to be looked at again, at a monotonic moment: they never were, or it was too
  /// long ago.
  func isStale(at now: UInt64) -> Bool {
    if mark == nil { return true }
    guard filter.isChanging || key.isChanging else { return false }
    return cost < Self.cheap || now &- finishedAt > cost &* Self.patience
  }

  /// Goes on, or begins, until it is done or a moment comes.
  ///
  /// - Parameters:
  ///   - source: Where the rows come from.
  ///   - isRound: Whether a beginning is to look at all rows.
  ///   - filter: What to begin with then: lengths of time count from another moment by now.
  ///   - deadline: Monotonic nanoseconds.
  /// - Returns: whether an order was finished.
  func advance(
    _ source: RowSource<Record>, isRound: Bool, filter: Filter<Record>, until deadline: UInt64
  ) -> Bool {
    let start = MonotonicClock.now()
    // Taken out, so that it is changed where it stands.
    var work = self.work ?? begin(source, isRound: isRound, filter: filter)
    self.work = nil
    if look(source, &work, until: deadline),
      let items = work.runs.merge(by: key, while: { MonotonicClock.now() < deadline })
    {
      finish(work, items, start)
      return true
    }
    work.spent += MonotonicClock.now() - start
    self.work = work
    return false
  }

  private func begin(
    _ source: RowSource<Record>, isRound: Bool, filter: Filter<Record>
  ) -> Work {
    if !isRound, let mark, key.textCount <= 2 * items.count + 1_024,
      let changes = source.changes(mark)
    {
      return Work(
        mark: source.mark, isRound: false, runs: SortRuns(base: items, without: changes),
        numbers: changes.numbers.sorted(), place: nil)
    }
    self.filter = filter
    key = freshKey
    return Work(
      mark: source.mark, isRound: true, runs: SortRuns(base: [], without: nil), numbers: [],
      place: 0)
  }

  // Whether every row was looked at.
  private func look(
    _ source: RowSource<Record>, _ work: inout Work, until deadline: UInt64
  ) -> Bool {
    let rowsAtOnce = rowsAtOnce
    while true {
      let end = min(work.done + rowsAtOnce, work.numbers.count)
      for number in work.numbers[work.done..<end] {
        guard let record = source.record(number), filter.matches(record) else { continue }
        work.runs.add(key.item(record, number), by: key)
      }
      work.done = end
      if end == work.numbers.count {
        guard let place = work.place, let (numbers, next) = source.stretch(place) else {
          work.place = nil
          return true
        }
        work.numbers = numbers
        work.done = 0
        work.place = next
      }
      if MonotonicClock.now() >= deadline { return false }
    }
  }

  private func finish(_ work: Work, _ items: [SortItem], _ start: UInt64) {
    self.items = items
    mark = work.mark
    guard work.isRound else { return }
    rounds += 1
    finishedAt = MonotonicClock.now()
    cost = work.spent + finishedAt - start
  }
}

/// How much room an order takes.
protocol SizedOrder: AnyObject {
  /// Rows in it.
  var size: Int { get }
}

extension RowOrder: SizedOrder {
  var size: Int { items.count }
}

/// The orders that were asked for last.
///
/// Two consoles that look at the same rows in the same order share one.
final class OrderCache {
  /// What makes two orders the same.
  struct Key: Hashable {
    var view: String
    var filter: String
    var sort: String?
    var isDescending: Bool
    var visible: Set<String>?
    var marked: Set<FieldValue>
  }

  private static let mostOrders = 32
  /// Rows in all orders: 16 octets each.
  private static let mostRows = 4_000_000

  private var orders: [Key: any SizedOrder] = [:]
  // The one used last stands last.
  private var lastUsed: [Key] = []

  /// The order of that key, a new one if there is none.
  func order<Record>(_ key: Key, _ make: () -> RowOrder<Record>) -> RowOrder<Record> {
    let order = orders[key] as? RowOrder<Record> ?? make()
    orders[key] = order
    lastUsed.removeAll { $0 == key }
    lastUsed.append(key)
    while lastUsed.count > 1,
      lastUsed.count > Self.mostOrders
        || orders.values.reduce(0, { $0 + $1.size }) > Self.mostRows
    {
      orders[lastUsed.removeFirst()] = nil
    }
    return order
  }
}
