/// Sorts rows that come a few at a time, in steps of any length: short runs are sorted as they come,
/// and then merged.
struct SortRuns<Record> {
  /// Rows in a run that is sorted at once: well under a millisecond's work.
  private static var runLength: Int { 2_048 }
  /// Rows that are merged between two looks at the clock.
  private static var mergeLength: Int { 512 }

  /// The run that stands in order already.
  private let base: [SortItem]
  private let changes: RowChanges?
  private var isTouched = [Bool](repeating: false, count: 4_096)

  private var pool: [SortItem] = []
  private var runs: [Range<Int>] = []
  private var runStart = 0
  private var isRunSorted = true

  private var heads: [Head] = []
  private var merged: [SortItem] = []
  private var isMerging = false

  private struct Head {
    var item: SortItem
    var place: Int
    var end: Int
    var isBase: Bool
  }

  /// Begins with an order that was right but for these changes.
  init(base: [SortItem], without changes: RowChanges?) {
    self.base = base
    self.changes = changes
    for number in changes?.numbers ?? [] { isTouched[number & 4_095] = true }
  }

  /// Adds a row.
  mutating func add(_ item: SortItem, by key: SortKey<Record>) {
    if let last = pool.last, pool.count > runStart, !key.precedes(last, item) {
      isRunSorted = false
    }
    pool.append(item)
    if pool.count - runStart >= Self.runLength { closeRun(by: key) }
  }

  private mutating func closeRun(by key: SortKey<Record>) {
    guard pool.count > runStart else { return }
    if !isRunSorted { pool[runStart...].sort { key.precedes($0, $1) } }
    if let last = runs.last, last.upperBound == runStart,
      key.precedes(pool[runStart - 1], pool[runStart])
    {
      runs[runs.count - 1] = last.lowerBound..<pool.count
    } else {
      runs.append(runStart..<pool.count)
    }
    runStart = pool.count
    isRunSorted = true
  }

  /// Goes on merging until a moment; the rows in their order once that is done.
  mutating func merge(
    by key: SortKey<Record>, while isTime: () -> Bool
  ) -> [SortItem]? {
    if !isMerging { begin(key) }
    if base.isEmpty, runs.count <= 1 { return pool }
    repeat {
      for _ in 0..<Self.mergeLength {
        guard let next = takeFirst(key) else { return merged }
        merged.append(next)
      }
    } while isTime()
    return nil
  }

  private mutating func begin(_ key: SortKey<Record>) {
    closeRun(by: key)
    isMerging = true
    if base.isEmpty, runs.count <= 1 { return }
    merged.reserveCapacity(base.count + pool.count)
    for run in runs {
      let first = run.lowerBound
      push(Head(item: pool[first], place: first, end: run.upperBound, isBase: false), key)
    }
    if let place = keptPlace(from: 0) {
      push(Head(item: base[place], place: place, end: base.count, isBase: true), key)
    }
  }

  // The next place of the base whose row has not changed.
  private func keptPlace(from start: Int) -> Int? {
    var place = start
    while place < base.count {
      let number = base[place].number
      guard let changes else { return place }
      let isGone =
        !changes.kept.contains(number)
        || (isTouched[number & 4_095] && changes.numbers.contains(number))
      if !isGone { return place }
      place += 1
    }
    return nil
  }

  // MARK: The heap of the runs' first rows

  private mutating func push(_ head: Head, _ key: SortKey<Record>) {
    heads.append(head)
    var place = heads.count - 1
    while place > 0, key.precedes(heads[place].item, heads[(place - 1) / 2].item) {
      heads.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  private mutating func takeFirst(_ key: SortKey<Record>) -> SortItem? {
    guard let first = heads.first else { return nil }
    let next: Int?
    if first.isBase {
      next = keptPlace(from: first.place + 1)
    } else {
      next = first.place + 1 < first.end ? first.place + 1 : nil
    }
    if let next {
      heads[0].place = next
      heads[0].item = first.isBase ? base[next] : pool[next]
    } else {
      heads[0] = heads[heads.count - 1]
      heads.removeLast()
    }
    sink(key)
    return first.item
  }

  private mutating func sink(_ key: SortKey<Record>) {
    var place = 0
    while true {
      var least = place
      for child in 2 * place + 1...2 * place + 2
      where child < heads.count && key.precedes(heads[child].item, heads[least].item) {
        least = child
      }
      guard least != place else { return }
      heads.swapAt(place, least)
      place = least
    }
  }
}
