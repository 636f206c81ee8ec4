/// One column of a table.
struct Column: Sendable {
  /// Which side of its column text stands at.
  enum Alignment: Sendable {
    case left
    case right
  }

  let title: String
  /// The field of the rows by which the engine sorts for this column; nil if it cannot.
  let sortField: String?
  /// The fields of the rows that stand in the column, as filters call them.
  let fields: [String]
  /// Whether the first sort by it puts the greatest first.
  let startsDescending: Bool
  /// The width it has, and that to which it grows where there is room.
  let width: Int
  let mostWidth: Int
  /// The width to which it may be cut rather than left out.
  let leastWidth: Int
  /// 0 for the columns that stay longest when the screen is narrow.
  let priority: Int
  let alignment: Alignment
  /// Whether moments stand in it, which the user may want written otherwise.
  let isTime: Bool
  /// What stands in the column.
  let cell: @Sendable (Row, CellContext) -> [TextRun]

  init(
    _ title: String, _ width: Int, upTo mostWidth: Int? = nil, least leastWidth: Int? = nil,
    priority: Int, _ alignment: Alignment = .left, sort: String? = nil, fields: [String]? = nil,
    descending: Bool = false, isTime: Bool = false,
    cell: @escaping @Sendable (Row, CellContext) -> [TextRun]
  ) {
    self.title = title
    sortField = sort
    self.fields = fields ?? sort.map { [$0] } ?? []
    startsDescending = descending
    self.width = width
    self.mostWidth = mostWidth ?? width
    self.leastWidth = leastWidth ?? width
    self.priority = priority
    self.alignment = alignment
    self.isTime = isTime
    self.cell = cell
  }
}

/// What a cell may look at beside its row.
struct CellContext {
  /// Seconds since 1970.
  let wall: Double
  let rate: RateBook.Rate?
  let trend: Trend
  /// How the counters of the row are shown.
  var counts = ShownCounts()
  let glyphs: Glyphs
  /// The width of the column.
  let width: Int
  /// All drops there are, for shares.
  let allDrops: UInt64
  /// How moments are written.
  var times = TimeStyle()
}

/// Columns that were found room for, with their places.
struct ColumnPlan {
  struct Place {
    let column: Column
    let x: Int
    let width: Int
  }

  let places: [Place]

  /// A column with the width that was found for it.
  private typealias Fitted = (column: Column, width: Int)

  /// Chooses what fits into `width` columns of the screen: by priority, or, once scrolled, in order
  /// from `skipped` on, with the first two (the mark and what names the row) always there.
  init(_ columns: [Column], width: Int, skipped: Int = 0) {
    let frozen = min(2, columns.count)
    let chosen =
      skipped == 0
      ? Self.byPriority(columns, width: width)
      : Self.inOrder(
        Array(columns[..<frozen]) + columns[frozen...].dropFirst(skipped), width: width)
    places = Self.placed(chosen, width: width)
  }

  private static func byPriority(_ columns: [Column], width: Int) -> [Fitted] {
    var room = width + 1
    var kept: [Int: Int] = [:]
    let order = columns.indices.sorted {
      (columns[$0].priority, $0) < (columns[$1].priority, $1)
    }
    for index in order {
      let width = min(columns[index].width, room - 1)
      guard width >= columns[index].leastWidth || kept.isEmpty else { continue }
      kept[index] = width
      room -= width + 1
    }
    return columns.indices.compactMap { index in kept[index].map { (columns[index], $0) } }
  }

  private static func inOrder(_ columns: [Column], width: Int) -> [Fitted] {
    var room = width
    var fitting: [Fitted] = []
    for column in columns {
      let width = min(column.width, room)
      guard width >= column.leastWidth else { break }
      fitting.append((column, width))
      room -= width + 1
    }
    return fitting
  }

  /// How many columns must be scrolled away for the last one to be seen; 0 if all fit at once.
  static func mostSkipped(_ columns: [Column], width: Int) -> Int {
    if byPriority(columns, width: width).count == columns.count { return 0 }
    let frozen = min(2, columns.count)
    let scrolled = columns[frozen...]
    let skipped = (1..<max(2, scrolled.count)).first { skipped in
      let shown = Array(columns[..<frozen]) + scrolled.dropFirst(skipped)
      return inOrder(shown, width: width).count == shown.count
    }
    return skipped ?? max(0, scrolled.count - 1)
  }

  private static func placed(_ columns: [Fitted], width: Int) -> [Place] {
    let least = columns.reduce(0) { $0 + $1.width }
    let gaps = max(0, columns.count - 1)
    // Two blanks between columns where there is room for them everywhere.
    let gap = least + 2 * gaps <= width ? 2 : 1
    var spare = width - least - gap * gaps
    var x = 0
    return columns.map { column, width in
      let grown = max(0, min(spare, column.mostWidth - width))
      spare -= grown
      defer { x += width + grown + gap }
      return Place(column: column, x: x, width: width + grown)
    }
  }
}
