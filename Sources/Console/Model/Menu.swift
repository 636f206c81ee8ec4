/// A list over the view to choose from: columns, orders, cells to filter by, settings.
struct Menu: Equatable, Sendable {
  enum Purpose: Equatable, Sendable {
    case columns
    case sort
    case cell
    case settings
  }

  let purpose: Purpose
  /// The key that opened it, which closes it too.
  let openedBy: ActionID
  /// The number of the item that the cursor is on.
  var selected = 0

  /// Moves the cursor, but not beyond the ends.
  mutating func move(_ step: Model.CursorStep, count: Int, page: Int) {
    let wanted =
      switch step {
      case .rows(let rows): selected + rows
      case .pages(let pages): selected + pages * page
      case .first: 0
      case .last: count - 1
      }
    selected = max(0, min(wanted, count - 1))
  }
}

/// One line of a menu.
struct MenuItem: Equatable, Sendable {
  /// What stands before the label.
  enum Mark: Equatable, Sendable {
    case none
    case off
    case on
  }

  /// What choosing the item does.
  enum Choice: Equatable, Sendable {
    case column(String)
    case sort(String, startsDescending: Bool)
    case term(FilterTerm)
    case setting(Setting)
    case filter(String)
  }

  /// Something that can be changed with the keys left and right.
  enum Setting: Equatable, Sendable {
    case theme
    case time
    case refresh
    case glyphs
    case strip
    case mouse
    case columns
    case sort
  }

  var mark = Mark.none
  var label: String
  var value = ""
  var choice: Choice
}

extension Model {
  /// The lines of a menu.
  func items(of menu: Menu) -> [MenuItem] {
    switch menu.purpose {
    case .columns: columnItems
    case .sort: sortItems
    case .cell: cellItems
    case .settings: settingItems
    }
  }

  private var columnItems: [MenuItem] {
    let shown = Set(columnPlan.places.map(\.column.title))
    let wishes = tablePreferences
    return Columns.of(view).dropFirst(2).map { column in
      let title = column.title
      let isShown = shown.contains(title)
      let note =
        wishes.hidden.contains(title)
        ? "hidden" : wishes.wanted.contains(title) ? "always" : isShown ? "" : "no room"
      return MenuItem(
        mark: isShown ? .on : .off, label: title, value: note, choice: .column(title))
    }
  }

  private var sortItems: [MenuItem] {
    Columns.of(view).compactMap { column in
      guard let field = column.sortField else { return nil }
      let isChosen = field == table.sort
      return MenuItem(
        mark: isChosen ? .on : .none, label: column.title,
        value: isChosen ? (table.descending ? "descending" : "ascending") : "",
        choice: .sort(field, startsDescending: column.startsDescending))
    }
  }

  private var cellItems: [MenuItem] {
    cellTerms.map { term in
      MenuItem(label: term.text, value: term.value.isEmpty ? "none" : "", choice: .term(term))
    }
  }

  // What is chosen may not be what can be shown.
  private var glyphsTitle: String {
    let title = preferences.glyphs.title
    let isHeldBack = settings.isASCIIOnly && [.braille, .block].contains(preferences.glyphs)
    return isHeldBack ? "\(title), but only ASCII is shown here" : title
  }

  private var settingItems: [MenuItem] {
    func item(_ label: String, _ value: String, _ setting: MenuItem.Setting) -> MenuItem {
      MenuItem(label: label, value: value, choice: .setting(setting))
    }
    let tableItems =
      view.isTable
      ? [
        item("Columns of \(view.tab)", "\(tablePreferences.hidden.count) hidden", .columns),
        item("Order of \(view.tab)", table.sort, .sort),
      ] : []
    return [
      item("Theme", preferences.theme, .theme), item("Times", preferences.time.title, .time),
      item("Refresh", preferences.refresh.title, .refresh),
      item("Lines and graphs", glyphsTitle, .glyphs),
      item("Details below tables", preferences.strip ? "shown" : "hidden", .strip),
      item("Mouse", preferences.mouse ? "the console's" : "the terminal's own", .mouse),
    ] + tableItems
      + preferences.filters.sorted { $0.key < $1.key }.map { name, filter in
        MenuItem(
          label: "Filter \(name)", value: "\(filter.view.tab): \(filter.text)",
          choice: .filter(name))
      }
  }
}
