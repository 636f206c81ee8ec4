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

  /// The first row with the text, going round the corner; nil if none has it.
  ///
  /// O(n) in the rows that are looked at.
  package func index<Record>(in records: [Record], columns: [Column<Record>]) -> Int? {
    guard !text.isEmpty, !records.isEmpty else { return nil }
    let word = SearchWord(text)
    let possible = columns.filter { word.canStand(in: $0.kind) }
    let isExact = text != text.lowercased()
    let count = records.count
    let start = (from % count + count) % count
    return (0..<count).lazy
      .map { ((isBackward ? start - $0 : start + $0) + count) % count }
      .first { index in
        possible.contains { column in
          guard let shown = column.value(records[index]).shown, word.isIn(shown) else {
            return false
          }
          return !isExact || shown.contains(text)
        }
      }
  }
}
