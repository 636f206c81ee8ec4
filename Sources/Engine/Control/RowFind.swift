/// A text that is looked for in the rows of a table: in any field, whatever the case unless the text
/// has capitals itself.
package struct RowFind: Hashable, Sendable {
  package var text: String
  /// The number of the row to begin with.
  package var from: Int
  package var isBackward: Bool

  package init(_ text: String, from: Int = 0, isBackward: Bool = false) {
    self.text = text
    self.from = from
    self.isBackward = isBackward
  }
}

/// Looks for a text in rows, some at a time, going round the corner.
struct RowSearch<Record> {
  /// Rows between two looks at the clock.
  private static var rowsAtOnce: Int { 64 }

  private let find: RowFind
  private let word: SearchWord
  private let columns: [Column<Record>]
  private var done = 0
  /// The place of the first row with the text; nil if none has it, or none was found yet.
  private(set) var found: Int?

  init(_ find: RowFind, columns: [Column<Record>]) {
    self.find = find
    let word = SearchWord(find.text)
    self.word = word
    self.columns = columns.filter { word.canStand(in: $0.kind) }
  }

  /// Looks on among so many rows; whether the search is over.
  mutating func advance(
    among count: Int, while isTime: () -> Bool, _ record: (Int) -> Record?
  ) -> Bool {
    if find.text.isEmpty || count == 0 { return true }
    let start = find.from % count
    repeat {
      for step in done..<min(done + Self.rowsAtOnce, count) {
        let place = (find.isBackward ? start - step + count : start + step) % count
        guard let record = record(place) else { continue }
        if columns.contains(where: { word.isIn($0.value(record)) }) {
          found = place
          return true
        }
      }
      done = min(done + Self.rowsAtOnce, count)
      if done == count { return true }
    } while isTime()
    return false
  }
}
