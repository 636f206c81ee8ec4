/// What the model knows of the mouse.
struct MouseState: Sendable {
  /// Where and when it was pressed last, monotonic nanoseconds.
  var last: (x: Int, y: Int, time: UInt64)?

  /// The time within which two presses in one place are a double click, nanoseconds.
  static let doubleClick = 400 * Moment.millisecond
  /// How many rows a notch of the wheel moves.
  static let wheelRows = 3
}

extension Model {
  mutating func toggleMouse() -> [Effect] {
    let effects = prefer { $0.mouse.toggle() }
    say(
      preferences.mouse
        ? "mouse on: click selects, double click opens; M gives it back to the terminal"
        : "mouse off: the terminal's own selection works", .done)
    return effects
  }

  /// What the mouse did.
  ///
  /// Over a dialog it does nothing: nobody confirms by a slip of the hand.
  mutating func handle(_ event: MouseEvent) -> [Effect] {
    guard preferences.mouse, !isCopying, dialog == nil, filterInput == nil, findInput == nil,
      commandInput == nil, menu == nil
    else { return [] }
    switch event.kind {
    case .wheelUp: return repeated(.up)
    case .wheelDown: return repeated(.down)
    case .press: return press(at: event.x, event.y)
    }
  }

  private mutating func repeated(_ key: Key) -> [Effect] {
    (0..<MouseState.wheelRows).flatMap { _ in handle(key) }
  }

  private mutating func press(at x: Int, _ y: Int) -> [Effect] {
    let isDouble =
      mouse.last.map { $0.x == x && $0.y == y && now.since($0.time) <= MouseState.doubleClick }
      ?? false
    mouse.last = isDouble ? nil : (x, y, now.monotonic)
    if let view = TabPlaces.view(at: x, y, in: self) { return go(to: view) }
    guard overlay == nil, view.isTable else { return [] }
    let place = TablePlace(self)
    if let column = place.column(at: x, y) { return sort(by: column) }
    guard let line = place.line(y), table.top + line < table.length else { return [] }
    table.movedAt = now.monotonic
    table.select(table.top + line, height: tableHeight)
    guard isDouble else { return [] }
    return Action.named(.details).map { perform($0, by: .enter) } ?? []
  }

  // The column by which the table is sorted already turns its order round.
  private mutating func sort(by column: Column) -> [Effect] {
    guard let field = column.sortField else {
      say("\(column.title): the router does not sort by it", .hint)
      return []
    }
    return sort(
      by: field,
      descending: field == table.sort ? !table.descending : column.startsDescending)
  }
}
