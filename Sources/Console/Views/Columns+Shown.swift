extension Model {
  /// How moments are written.
  var times: TimeStyle { TimeStyle(format: preferences.time, offset: settings.timeOffset) }

  /// The columns of the view that may be shown, as the user wants them.
  var columns: [Column] {
    let wishes = tablePreferences
    return Columns.of(view).enumerated().compactMap { index, column in
      // The mark and what names the row are always there.
      if index > 1, wishes.hidden.contains(column.title) { return nil }
      return column.adapted(to: preferences.time, isWanted: wishes.wanted.contains(column.title))
    }
  }

  /// The fields in which a filter looks for a word: those of the columns that are not hidden, also if
  /// one has to scroll to see them.
  var visibleFields: [String] {
    var known: Set<String> = []
    return columns.flatMap(\.fields).filter { known.insert($0).inserted }
  }

  /// The columns that there is room for, with their places.
  var columnPlan: ColumnPlan {
    ColumnPlan(columns, width: tableWidth, skipped: table.columnOffset)
  }

  /// How many columns can be scrolled away.
  var mostColumnsSkipped: Int { ColumnPlan.mostSkipped(columns, width: tableWidth) }

  private var tableWidth: Int { max(0, layout.body.width - 1) }
}

extension Column {
  /// The column with room for moments in a format; one that is wanted finds room before all others.
  fileprivate func adapted(to format: TimeFormat, isWanted: Bool) -> Column {
    let least = isTime ? format.width : 0
    return Column(
      title, max(width, least), upTo: max(mostWidth, least), least: max(leastWidth, least),
      priority: isWanted ? -1 : priority, alignment, sort: sortField, fields: fields,
      descending: startsDescending, isTime: isTime, cell: cell)
  }
}
