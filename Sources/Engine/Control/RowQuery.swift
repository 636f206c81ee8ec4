internal import Configuration

/// Which rows of a table are wanted, in which order, and which stretch of them.
package struct RowQuery: Hashable, Sendable {
  package var filter = ""
  /// The column to sort by; nil for the table's own order.
  package var sort: String?
  package var isDescending = false
  /// The first of the wanted rows among those that match.
  package var offset = 0
  /// How many rows are wanted at most.
  package var count = Int.max
  /// What to look for among the rows that match, in their order; if it is found, the rows that are
  /// given begin there.
  package var find: RowFind?
  /// The fields that a word by itself is looked for in; nil for all.
  package var visible: Set<String>?
  /// What the operator has marked, by the first field of the rows.
  package var marked: Set<FieldValue> = []

  package init() {}

  /// The filter for rows with these columns, at a moment in nanoseconds since 1970.
  ///
  /// - Throws: `bad-filter`.
  func filter<Record>(
    _ columns: [Column<Record>], now: UInt64
  ) throws(ControlError) -> Filter<Record> {
    try Filter(
      filter, columns: columns,
      Filter<Record>.Context(now: now, visible: visible, marked: marked))
  }

  /// The column to sort by.
  ///
  /// - Throws: `bad-argument` if there is none of that name.
  func sortColumn<Record>(_ columns: [Column<Record>]) throws(ControlError) -> Column<Record>? {
    guard let sort else { return nil }
    if let column = columns.first(where: { $0.name == sort }) { return column }
    let hint = Suggestion.nearest(to: sort, among: columns.map(\.name))
    throw ControlError(
      .badArgument, "cannot sort by '\(sort)'" + (hint.map { "; did you mean '\($0)'?" } ?? ""))
  }
}
