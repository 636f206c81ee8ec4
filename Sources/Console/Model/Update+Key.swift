extension Model {
  /// Gives a key to whatever is uppermost on the screen.
  mutating func handle(_ key: Key) -> [Effect] {
    if case .control("L") = key { return [.redraw] }
    if case .control("Z") = key { return [.suspend] }
    if isCopying, let effects = handleWhileCopying(key) { return effects }
    if dialog != nil { return handleInDialog(key) }
    if reasonInput != nil { return handleInReason(key) }
    if let effects = handleInInput(key) { return effects }
    if overlay != nil { return handleInOverlay(key) }
    guard let action = settings.keymap.action(for: key) else {
      let help = settings.keymap.hint(of: .help)
      say("\(key.label) does nothing here; \(help) lists the keys", .hint)
      return []
    }
    return perform(action, by: key)
  }

  /// Does an action, or says why not.
  mutating func perform(_ action: Action, by key: Key) -> [Effect] {
    if case .disabled(let reason) = availability(of: action) {
      say(reason, .hint)
      return []
    }
    if notice?.kind == .hint { notice = nil }
    if let destination = action.id.destination { return go(to: asLeft(destination)) }
    if let effects = performOnMarks(action.id) { return effects }
    if let effects = performAtOnce(action.id, by: key) { return effects }
    if action.acts { return openDialog(action.id, by: key) }
    if action.id == .last, key == .end, view == .log { return follow() }
    if let step = cursorStep(action.id) { return moveCursor(step) }
    return performOther(action.id, by: key)
  }

  private mutating func performOther(_ id: ActionID, by key: Key) -> [Effect] {
    switch id {
    case .nextView: return go(to: asLeft(view.moved(by: 1)))
    case .previousView: return go(to: asLeft(view.moved(by: -1)))
    case .details: return openDetails()
    case .back: return back()
    case .help: overlay = .help(scroll: 0)
    case .filter:
      filterInput = FilterInput(
        editor: LineEditor(table.filter, isSelected: true), before: table.filter)
    case .showInLog: return show(.log, shownRow?.dropFilter)
    case .showEntries: return show(.associations, shownRow?.entryFilter)
    case .dropTable, .graphSpan, .zero, .interval: return performCounting(id)
    case .sortLeft: return sort(by: -1)
    case .sortRight: return sort(by: 1)
    case .reverse: return sort(by: table.sort, descending: !table.descending)
    case .strip: return prefer { $0.strip.toggle() }
    case .scrollLeft: table.columnOffset = max(0, table.columnOffset - 1)
    case .scrollRight:
      table.columnOffset = min(table.columnOffset + 1, mostColumnsSkipped)
    case .freeze: return toggleFreeze()
    case .copy: return copy()
    case .copyMode: return startCopying()
    case .mouse: return toggleMouse()
    case .export: return openDialog(.export, by: key)
    case .quit: return quit(by: key)
    default: return performTableAction(id)
    }
    return []
  }

  // Of the tables of drops that which was on the screen last.
  private func asLeft(_ view: ViewID) -> ViewID { view == .drops ? dropTable : view }

  /// Changes the view.
  mutating func go(to destination: ViewID) -> [Effect] {
    overlay = nil
    guard destination != view else { return [] }
    leavePlace()
    return show(destination)
  }

  /// Shows a view as it was left.
  mutating func show(_ destination: ViewID) -> [Effect] {
    view = destination
    if view.main == .drops { dropTable = view }
    if view.isTable { table.scrollToSelection(height: tableHeight) }
    return isFrozen ? rowsIfMissing() : refresh(periodic: false)
  }

  // Escape takes away one thing at a time: marks, freeze, filter, and then it goes back.
  private mutating func back() -> [Effect] {
    if let effects = dropMarks() { return effects }
    if isFrozen { return toggleFreeze() }
    if view.isTable, !table.filter.isEmpty {
      table.filter = ""
      return reordered()
    }
    return goBack()
  }

  private mutating func toggleFreeze() -> [Effect] {
    frozenAt = isFrozen ? nil : now.wall
    return isFrozen ? [] : lookAgain()
  }

  private mutating func quit(by key: Key) -> [Effect] {
    // Leaving harms nothing, so it needs no question; nor can one be asked where nothing is seen.
    guard settings.ownsEngine, link == .up, layout.form > .name else { return [.quit(.left)] }
    return openDialog(.quit, by: key)
  }

  /// Shows the rows of a view that a filter leaves, in the order in which the view comes up.
  private mutating func show(_ destination: ViewID, _ filter: String?) -> [Effect] {
    guard let filter else { return [] }
    let order = destination.firstSort
    var table = TableState(sort: order.field, descending: order.descending)
    table.filter = filter
    leavePlace()
    tables[destination] = table
    overlay = nil
    return show(destination)
  }
}

extension Model {
  /// How far a motion goes.
  enum CursorStep {
    case rows(Int)
    case pages(Int)
    case first
    case last
  }

  func cursorStep(_ id: ActionID) -> CursorStep? {
    switch id {
    case .cursorUp: .rows(-1)
    case .cursorDown: .rows(1)
    case .pageUp: .pages(-1)
    case .pageDown: .pages(1)
    case .first: .first
    case .last: .last
    default: nil
    }
  }

  mutating func moveCursor(_ step: CursorStep) -> [Effect] {
    guard view.isTable else { return [] }
    let height = tableHeight
    table.movedAt = now.monotonic
    switch step {
    case .rows(let count): table.select(table.selected + count, height: height)
    case .pages(let count):
      let rows = count * max(1, height - 1)
      table.top = max(0, min(table.top + rows, table.length - height))
      table.select(table.selected + rows, height: height)
    case .first:
      table.follows = true
      table.select(0, height: height)
    case .last: table.select(table.length - 1, height: height)
    }
    return rowsIfMissing()
  }

  private mutating func sort(by step: Int) -> [Effect] {
    let fields = columns.compactMap(\.sortField)
    guard !fields.isEmpty else { return [] }
    let present = fields.firstIndex(of: table.sort) ?? 0
    let field = fields[(present + step + fields.count) % fields.count]
    let column = columns.first { $0.sortField == field }
    return sort(by: field, descending: column?.startsDescending ?? false)
  }

  /// After the order or the filter changed: the cursor stays with its object, and the screen shows it
  /// if it is among the rows that come.
  mutating func reordered() -> [Effect] {
    table.top = 0
    table.selected = 0
    table.movedAt = 0
    return rowsAnew() + survey()
  }
}
