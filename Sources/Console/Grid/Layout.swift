/// How the screen is divided at a size: the ladder from a dashboard down to a name.
struct Layout: Equatable, Sendable {
  /// The rungs of the ladder.
  enum Form: Int, Comparable, Sendable {
    /// The router's name, and that `q` quits.
    case name
    /// Counters, one a line.
    case counters
    /// A table of a few columns and a line of hints.
    case narrow
    /// A table, tabs and hints.
    case list
    /// All of it.
    case full
    /// All of it, and room for two things side by side.
    case dashboard

    init(_ size: Size) {
      switch (size.width, size.height) {
      case (120..., 40...): self = .dashboard
      case (80..., 24...): self = .full
      case (60..., 16...): self = .list
      case (40..., 10...): self = .narrow
      case (20..., 5...): self = .counters
      default: self = .name
      }
    }

    /// Cells that a screen must have less than a rung asks for before it goes a rung down.
    private static let hysteresis = 2

    /// The rung after a change of size: up as soon as there is room, down only when two cells are
    /// missing, so that a window that is drawn along a border does not flicker.
    init(_ size: Size, from before: Form) {
      let fitting = Form(size)
      let generous = Form(
        Size(width: size.width + Self.hysteresis, height: size.height + Self.hysteresis))
      self = max(fitting, min(before, generous))
    }

    static func < (left: Form, right: Form) -> Bool { left.rawValue < right.rawValue }
  }

  let form: Form
  let bounds: Rect
  /// Router, state, clock: one line.
  let title: Rect
  /// The names of the views.
  let tabs: Rect
  /// Rates and totals.
  let status: Rect
  /// What the view fills.
  let body: Rect
  /// What stands for a while: the marks, the reason that is set; empty where nothing does.
  let footer: Rect
  /// The keys that do something here; the answer to an action takes their place for a while.
  let hints: Rect

  /// Divides a screen, by the rung that it stands on if that is not the one for its size.
  ///
  /// A footer is a line below the table, for what is marked and the reason that is set.
  init(_ size: Size, _ standing: Form? = nil, footer: Bool = false) {
    form = standing ?? Form(size)
    bounds = Rect(x: 0, y: 0, width: max(0, size.width), height: max(0, size.height))
    let tops = [1, form >= .list ? 1 : 0, form >= .full ? 1 : 0]
    let bottom = form >= .narrow ? 1 : 0
    let foot = footer ? bottom : 0
    title = bounds.rows(0, tops[0])
    tabs = bounds.rows(1, tops[1])
    status = bounds.rows(2, tops[2])
    let top = tops.reduce(0, +)
    body = bounds.rows(top, bounds.height - top - bottom - foot)
    self.footer = bounds.rows(bounds.height - bottom - foot, foot)
    hints = bounds.rows(bounds.height - bottom, bottom)
  }

  /// The part of the body that is a table's rows, its heading and the strip below it taken off.
  func tableRows(strip: Bool, matched: Int) -> Rect {
    body.rows(2, body.height - 2 - stripHeight(strip, matched: matched))
  }

  /// The height of the strip below a table of so many rows, its heading included; 0 where it is
  /// hidden or does not fit.
  ///
  /// It takes a third of the body, and what the rows leave empty.
  func stripHeight(_ wanted: Bool, matched: Int) -> Int {
    guard wanted, form >= .full else { return 0 }
    return max(min(10, body.height / 3), min(16, body.height - 2 - matched))
  }
}
