extension Screen {
  /// A menu in a frame over the middle of the screen; on a small screen it is the screen.
  mutating func draw(_ menu: Menu) {
    guard layout.form > .name else { return }
    let items = model.items(of: menu)
    let notes = menu.notes(model)
    let label = items.map { $0.label.count }.max() ?? 0
    let value = items.map { $0.value.count }.max() ?? 0
    let isSmall = layout.form < .list
    let widest = max(label + value + 8, notes.map(\.count).max() ?? 0, menu.title(model).count + 4)
    let width = isSmall ? grid.width : min(max(36, widest + 4), grid.width - 4)
    let wanted = items.count + (notes.isEmpty ? 0 : notes.count + 1) + 2
    let height = isSmall ? grid.height : min(wanted, grid.height - 2)
    let box = Rect(
      x: (grid.width - width) / 2, y: (grid.height - height) / 2, width: width, height: height)
    drawFrame(menu.title(model), box)
    draw(items, menu, label: label, notes, box.inset(horizontally: 1, vertically: 1))
  }

  private mutating func draw(
    _ items: [MenuItem], _ menu: Menu, label: Int, _ notes: [String], _ area: Rect
  ) {
    // The notes go first when there is no room for all.
    let room = area.height
    let hasNotes = !notes.isEmpty && items.count + notes.count + 1 <= room
    let rows = min(items.count, room)
    let top = max(0, min(menu.selected - rows / 2, items.count - rows))
    for (line, item) in items.dropFirst(top).prefix(rows).enumerated() {
      draw(item, label: label, area.rows(line, 1), isSelected: top + line == menu.selected)
    }
    guard hasNotes else { return }
    for (line, note) in notes.enumerated() {
      putLine([TextRun(note, .dialogDim)], area.rows(rows + 1 + line, 1), 0, indent: 1)
    }
  }

  private mutating func draw(_ item: MenuItem, label: Int, _ line: Rect, isSelected: Bool) {
    let mark =
      switch item.mark {
      case .none: "    "
      case .off: "[ ] "
      case .on: "[x] "
      }
    let padding = String(repeating: " ", count: max(0, label - item.label.count) + 2)
    let runs = [
      TextRun(" \(mark)", .dialogDim), TextRun(item.label + padding, .dialogStrong),
      TextRun(item.value, .dialog),
    ]
    grid.put(runs, line.x, line.y, limit: line.width, ellipsis: true)
    guard isSelected else { return }
    grid.put(String(glyphs[.cursor]), line.x, line.y, role: .cursor)
    grid.restyle(line, role: .cursor)
    grid.cursor = (line.x, line.y)
  }

  /// What the keys do in the menu.
  var menuHints: [(key: Key, text: String)] {
    switch model.menu?.purpose {
    case .columns?: [(" ", "show or hide"), (.delete, "as it was"), (.escape, "close")]
    case .sort?: [(.enter, "sort, again: reverse"), (.escape, "close")]
    case .cell?: [(.enter, "only these"), ("!", "all but these"), (.escape, "close")]
    case .settings?: [(.left, ""), (.right, "change"), (.escape, "close")]
    case nil: []
    }
  }
}

extension Menu {
  fileprivate func title(_ model: Model) -> String {
    switch purpose {
    case .columns: "Columns of \(model.view.tab)"
    case .sort: "Sort \(model.view.tab) by"
    case .cell: "Filter by"
    case .settings: "Settings"
    }
  }

  fileprivate func notes(_ model: Model) -> [String] {
    switch purpose {
    case .settings: model.settings.files
    default: []
    }
  }
}
