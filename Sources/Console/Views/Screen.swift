internal import Engine
internal import PAP

/// The whole screen as a pure function of the model: what is drawn where, in cells.
struct Screen {
  var grid: Grid
  let model: Model
  let glyphs: Glyphs
  let layout: Layout
  /// What graphs show, made once for the screen.
  let trend: Trend

  /// Draws the model.
  static func draw(_ model: Model, glyphs: Glyphs) -> Grid {
    var screen = Screen(model, glyphs)
    screen.drawAll()
    return screen.grid
  }

  private init(_ model: Model, _ glyphs: Glyphs) {
    self.model = model
    self.glyphs = glyphs
    layout = model.layout
    trend = model.trend
    grid = Grid(model.size, ascii: glyphs.ascii)
  }

  private mutating func drawAll() {
    guard layout.form > .name else { return drawName() }
    drawTitle()
    drawTabs()
    drawStatus()
    drawBody()
    drawFooter()
    drawHints()
    if let menu = model.menu { draw(menu) }
    if let input = model.commandInput { draw(input) }
    if let dialog = model.dialog, dialog.form == .frame { draw(dialog) }
    if model.isCopying { leaveTextOnly() }
  }

  // Whatever the size: who this is, and how to get out.
  private mutating func drawName() {
    let name = model.status?.externalAddress.description ?? "dnat-console"
    grid.put(name, 0, 0, role: .title, ellipsis: true)
    let quit = "q quit"
    if layout.bounds.height > 1 {
      grid.put(quit, 0, 1, role: .hint)
    } else {
      grid.putRight(quit, grid.width, 0, limit: max(0, grid.width - 1), role: .hint)
    }
  }

  private mutating func drawBody() {
    if model.overlay != nil { return drawOverlay(layout.body) }
    if layout.form == .counters { return drawCounters(layout.body) }
    if model.view.isTable { drawTable(layout.body) } else { drawOverview(layout.body) }
  }

  /// A rule across a rectangle's first line with a title at its left and a note at its right.
  mutating func drawHeading(_ title: String, _ rect: Rect, note: String = "") {
    guard !rect.isEmpty else { return }
    grid.fill(rect.rows(0, 1), glyphs[.horizontal], role: .border)
    let end = grid.put(
      " \(title) ", rect.x + 2, rect.y, limit: max(0, rect.width - 3), role: .textStrong)
    guard !note.isEmpty else { return }
    let width = SafeText.width(note, ascii: glyphs.ascii) + 2
    guard rect.right - 2 - width > end else { return }
    grid.put(" \(note) ", rect.right - 2 - width, rect.y, role: .textDim)
  }

  /// One line of runs in a rectangle, at a row of it.
  mutating func putLine(_ runs: [TextRun], _ rect: Rect, _ row: Int, indent: Int = 2) {
    guard row < rect.height else { return }
    grid.put(
      runs, rect.x + indent, rect.y + row, limit: max(0, rect.width - indent), ellipsis: true)
  }
}
