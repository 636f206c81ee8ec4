/// Where the names of the views stand.
enum TabPlaces {
  /// The view whose name is at a cell, if any.
  static func view(at x: Int, _ y: Int, in model: Model) -> ViewID? {
    let tabs = model.layout.tabs
    guard !tabs.isEmpty, y == tabs.y else { return nil }
    var start = tabs.x
    for view in ViewID.allCases {
      let blanks = model.hasRoomForTabs ? 3 : 1
      let end = start + model.keyLabel(of: view).count + view.tab.count + blanks
      if (start..<end).contains(x) { return view }
      start = end
    }
    return nil
  }
}

/// Where the titles and the rows of the table stand.
struct TablePlace {
  private let rows: Rect
  private let plan: ColumnPlan

  init(_ model: Model) {
    let rows = model.layout.tableRows(strip: model.strip, matched: model.table.length)
    self.rows = Rect(x: rows.x + 1, y: rows.y, width: max(0, rows.width - 1), height: rows.height)
    plan = model.columnPlan
  }

  /// The column whose title is at a cell, the gap after it included.
  func column(at x: Int, _ y: Int) -> Column? {
    guard y == rows.y - 1 else { return nil }
    return plan.places.last { rows.x + $0.x <= x }?.column
  }

  /// The number of the row's line on the screen, from 0.
  func line(_ y: Int) -> Int? {
    (rows.y..<rows.y + rows.height).contains(y) ? y - rows.y : nil
  }
}

extension Model {
  /// The key that goes to a view, as the screen writes it.
  func keyLabel(of view: ViewID) -> String {
    let id = ActionID.allCases.first { $0.destination == view }
    return id.flatMap { settings.keymap.keys(of: $0).first?.label } ?? ""
  }
}

extension Model {
  /// Whether the names of the views fit with blanks round them.
  var hasRoomForTabs: Bool {
    ViewID.allCases.reduce(0) { $0 + $1.tab.count + 4 } <= layout.tabs.width
  }
}
