extension Model {
  /// Gives a key to what is being typed or chosen; nil if nothing is.
  mutating func handleInInput(_ key: Key) -> [Effect]? {
    if commandInput != nil { return handleInCommandLine(key) }
    if menu != nil { return handleInMenu(key) }
    if filterInput != nil { return handleInFilter(key) }
    if findInput != nil { return handleInFind(key) }
    return nil
  }

  mutating func openMenu(_ id: ActionID) {
    let purpose: Menu.Purpose =
      switch id {
      case .columns: .columns
      case .sortMenu: .sort
      case .filterByCell: .cell
      default: .settings
      }
    var menu = Menu(purpose: purpose, openedBy: id)
    menu.selected = firstChoice(of: menu)
    self.menu = menu
  }

  // The order in force, and the cell of the column that is looked at.
  private func firstChoice(of menu: Menu) -> Int {
    let index = items(of: menu).firstIndex { item in
      switch item.choice {
      case .sort(let field, _): field == table.sort
      case .term(let term): term.field == fieldInSight
      default: false
      }
    }
    return index ?? 0
  }

  private mutating func handleInMenu(_ key: Key) -> [Effect] {
    guard var menu else { return [] }
    let items = items(of: menu)
    if let effects = changeItem(items, menu, by: key) { return effects }
    guard let action = settings.keymap.action(for: key) else { return [] }
    if let step = cursorStep(action.id) {
      menu.move(step, count: items.count, page: max(1, layout.body.height - 4))
      self.menu = menu
    } else if [.back, .quit, menu.openedBy].contains(action.id) {
      self.menu = nil
    }
    return []
  }

  private mutating func changeItem(
    _ items: [MenuItem], _ menu: Menu, by key: Key
  ) -> [Effect]? {
    guard items.indices.contains(menu.selected) else { return nil }
    let choice = items[menu.selected].choice
    switch key {
    case .enter, " ": return choose(choice, by: 1)
    case .right, "l": return isSetting(choice) ? choose(choice, by: 1) : []
    case .left, "h": return isSetting(choice) ? choose(choice, by: -1) : []
    case "!": return negate(choice)
    case .delete, .backspace: return reset(choice)
    default: return nil
    }
  }

  private func isSetting(_ choice: MenuItem.Choice) -> Bool {
    if case .setting = choice { true } else { false }
  }

  private mutating func choose(_ choice: MenuItem.Choice, by step: Int) -> [Effect] {
    switch choice {
    case .column(let title): return toggleColumn(title)
    case .sort(let field, let startsDescending):
      menu = nil
      let descending = field == table.sort ? !table.descending : startsDescending
      return sort(by: field, descending: descending)
    case .term(let term):
      menu = nil
      return narrow(to: term.text)
    case .setting(let setting): return change(setting, by: step)
    case .filter(let name):
      menu = nil
      return apply(filterNamed: name)
    }
  }

  private mutating func negate(_ choice: MenuItem.Choice) -> [Effect] {
    guard case .term(let term) = choice else { return [] }
    menu = nil
    return narrow(to: term.negated.text)
  }

  private mutating func reset(_ choice: MenuItem.Choice) -> [Effect] {
    switch choice {
    case .column(let title):
      return preferTable { table in
        table.wanted.remove(title)
        table.hidden.remove(title)
      }
    case .filter(let name):
      say("filter \(name) removed", .done)
      let effects = prefer { $0.filters[name] = nil }
      if var menu {
        menu.move(.rows(0), count: items(of: menu).count, page: 1)
        self.menu = menu
      }
      return effects
    default: return []
    }
  }

  // What is on the screen goes away, what is not comes, whatever the reason that it was not there.
  private mutating func toggleColumn(_ title: String) -> [Effect] {
    let isShown = columnPlan.places.contains { $0.column.title == title }
    table.columnOffset = 0
    return preferTable { table in
      if isShown {
        table.wanted.remove(title)
        table.hidden.insert(title)
      } else {
        table.hidden.remove(title)
        table.wanted.insert(title)
      }
    }
  }

  private mutating func change(_ setting: MenuItem.Setting, by step: Int) -> [Effect] {
    switch setting {
    case .theme:
      let names = [ThemeLibrary.automatic] + settings.themes
      let index = (names.firstIndex(of: preferences.theme) ?? 0) + step
      return prefer { $0.theme = names[(index + names.count) % names.count] }
    case .time: return prefer { $0.time = $0.time.moved(by: step) }
    case .refresh: return changeRefresh(by: step)
    case .glyphs: return prefer { $0.glyphs = $0.glyphs.moved(by: step) }
    case .strip: return prefer { $0.strip.toggle() }
    case .mouse: return prefer { $0.mouse.toggle() }
    case .columns: openMenu(.columns)
    case .sort: openMenu(.sortMenu)
    }
    return []
  }

  /// Adds a term to the filter of the view.
  mutating func narrow(to term: String) -> [Effect] {
    table.filter = FilterTerm.adding(term, to: table.filter)
    return reordered()
  }

  /// Goes where a saved filter belongs and puts it on.
  mutating func apply(filterNamed name: String) -> [Effect] {
    guard let saved = preferences.filters[name] else { return [] }
    return show(filter: saved.text, in: saved.view)
  }

  /// Goes to a view with a filter.
  mutating func show(filter: String, in destination: ViewID) -> [Effect] {
    let effects = go(to: destination)
    guard view.isTable, table.filter != filter else { return effects }
    table.filter = filter
    return effects + reordered()
  }
}
