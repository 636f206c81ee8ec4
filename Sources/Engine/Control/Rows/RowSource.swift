/// Where the rows of a view come from: by their numbers, a few at a time.
///
/// Used on the control thread, between two steps of the router.
struct RowSource<Record> {
  /// The fields; the first says which row it is.
  let columns: [Column<Record>]
  /// Rows that there are.
  let total: Int
  /// How far they have changed by now.
  let mark: RowMark
  /// Some numbers of rows from a place on, rising, and the place after them; nil after the last.
  ///
  /// The first place is 0. A number may have no row.
  let stretch: (Int) -> (numbers: [Int], next: Int)?
  /// The row of a number.
  let record: (Int) -> Record?
  /// What has changed since a mark; nil if only making everything anew can tell.
  var changes: (RowMark) -> RowChanges? = { _ in nil }
  /// The numbers of all rows, where they stand side by side.
  var dense: Range<Int>?
  /// The numbers of the rows that have one of some values in their first field, and perhaps of others;
  /// nil if only looking at all rows can tell.
  var named: ((Set<FieldValue>) -> [Int])?
}

/// What an order of rows lacks.
struct RowChanges {
  /// Rows that have come, gone or changed.
  var numbers: Set<Int>
  /// Others than these are gone.
  var kept = 0..<Int.max
}

extension RowSource {
  /// Rows that do not change.
  init(of records: [Record], _ columns: [Column<Record>]) {
    self.init(
      columns: columns, total: records.count, mark: RowMark(rows: 0),
      stretch: Self.stretches(of: records.indices),
      record: { records.indices.contains($0) ? records[$0] : nil }, dense: records.indices)
  }

  /// Values at most that rows are looked up by: more take longer than one step may.
  private static var mostNamed: Int { 1_000 }

  /// The rows that some values in their first field name; nil if they cannot be looked up.
  func only(_ values: Set<FieldValue>) -> RowSource? {
    guard let named, values.count <= Self.mostNamed else { return nil }
    let records = named(values).sorted().compactMap(record)
    return RowSource(
      columns: columns, total: total, mark: RowMark(rows: 0),
      stretch: Self.stretches(of: records.indices),
      record: { records.indices.contains($0) ? records[$0] : nil })
  }

  /// Rows at once in a stretch.
  private static var stretchLength: Int { 1_024 }

  /// The stretches of numbers that stand side by side.
  static func stretches(of numbers: Range<Int>) -> (Int) -> (numbers: [Int], next: Int)? {
    { place in
      let start = max(place, numbers.lowerBound)
      guard start < numbers.upperBound else { return nil }
      let end = min(start + stretchLength, numbers.upperBound)
      return (Array(start..<end), end)
    }
  }
}
