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

  package init() {}

  /// What a query found.
  package struct Found<Record> {
    /// Rows there are, and rows that match.
    package var total, matched: Int
    package var records: [Record]
    /// The number of the row with the text to find, among those that match.
    package var found: Int?
  }

  /// Carries the query out.
  ///
  /// O(n) without sorting, else O(n log n).
  ///
  /// - Throws: `bad-filter`, or `bad-argument` for an unknown sort column.
  package func run<Record>(
    on records: [Record], columns: [Column<Record>]
  ) throws(ControlError) -> Found<Record> {
    let filter = try Filter(filter, columns: columns)
    var chosen = filter.isEmpty ? records : records.filter(filter.matches)
    if let sort {
      chosen = sorted(chosen, by: try Self.column(sort, columns))
    } else if isDescending {
      chosen.reverse()
    }
    let row = find?.index(in: chosen, columns: columns)
    let start = min(max(0, row ?? offset), chosen.count)
    let stretch = chosen[start...].prefix(max(0, count))
    return Found(
      total: records.count, matched: chosen.count, records: Array(stretch),
      found: row)
  }

  private static func column<Record>(
    _ name: String, _ columns: [Column<Record>]
  ) throws(ControlError) -> Column<Record> {
    if let column = columns.first(where: { $0.name == name }) { return column }
    let hint = Suggestion.nearest(to: name, among: columns.map(\.name))
    throw ControlError(
      .badArgument, "cannot sort by '\(name)'" + (hint.map { "; did you mean '\($0)'?" } ?? ""))
  }

  // Each value is made once, and rows that are equal keep their order, downwards too.
  private func sorted<Record>(_ records: [Record], by column: Column<Record>) -> [Record] {
    let values = records.map(column.value)
    let order = records.indices.sorted { left, right in
      let (first, second) = isDescending ? (right, left) : (left, right)
      if values[first].precedes(values[second]) { return true }
      if values[second].precedes(values[first]) { return false }
      return left < right
    }
    return order.map { records[$0] }
  }
}
