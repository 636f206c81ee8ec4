internal import Engine

extension Screen {
  /// A view that is a table: heading, columns, rows, and the details of the selected row below.
  mutating func drawTable(_ rect: Rect) {
    let rows = layout.tableRows(strip: model.strip, matched: model.table.length)
    drawTableHeading(rect)
    let inner = Rect(x: rows.x + 1, y: rows.y, width: max(0, rows.width - 1), height: rows.height)
    let plan = ColumnPlan(
      model.columns, width: inner.width, skipped: model.table.columnOffset)
    drawColumnTitles(plan, inner)
    drawRows(plan, inner)
    drawStrip(rect)
    if model.filterInput != nil { drawFilterInput(rect) }
    if let editor = model.findInput { drawFindInput(editor, rect) }
  }

  private mutating func drawTableHeading(_ rect: Rect) {
    let filter = model.table.filter.isEmpty ? "" : "  filter: \(model.table.filter)"
    let following = model.isFollowing ? "  FOLLOW" : ""
    let span = model.view.main == .drops ? ", trend of \(model.graphSpan.label)" : ""
    let title = model.view.title + span + following + model.countingNote
    drawHeading(title + filter, rect, note: counts)
  }

  /// How many rows are shown, match and exist.
  var counts: String {
    let table = model.table
    guard table.isLoaded else { return "" }
    let total = Format.grouped(UInt64(max(0, table.total)))
    guard table.matched > 0 else { return "0 of \(total)" }
    // What is gone and still shown is not counted.
    let first = table.number(of: table.top) + 1
    let last = table.number(of: min(table.length, table.top + model.tableHeight))
    let shown = "\(first)-\(last) of \(Format.grouped(UInt64(max(0, table.matched))))"
    return table.matched == table.total ? shown : "\(shown), \(total) in all"
  }

  private mutating func drawColumnTitles(_ plan: ColumnPlan, _ rows: Rect) {
    let y = rows.y - 1
    grid.fill(Rect(x: 0, y: y, width: grid.width, height: 1), role: .header)
    for place in plan.places {
      let isSorted = place.column.sortField == model.table.sort
      let arrow = isSorted ? String(glyphs[model.table.descending ? .descending : .ascending]) : ""
      let role: Role = isSorted ? .headerSort : .header
      // The arrow may stand in the gap beside the column, so that no title is cut for it.
      let title = place.column.title + arrow
      if place.column.alignment == .right {
        grid.putRight(title, rows.x + place.x + place.width, y, role: role)
      } else {
        grid.put(title, rows.x + place.x, y, limit: place.width + 1, role: role)
      }
    }
  }

  private mutating func drawRows(_ plan: ColumnPlan, _ rect: Rect) {
    let table = model.table
    if table.length == 0 || !table.isLoaded { return drawEmptiness(rect) }
    for line in 0..<rect.height {
      guard let row = table.row(at: table.top + line) else { continue }
      drawCells(of: row, rate: table.rates[row.id], plan, rect, line)
      drawSigns(of: row, at: table.top + line, plan, rect, line)
      guard table.top + line == table.selected else { continue }
      let whole = Rect(x: 0, y: rect.y + line, width: grid.width, height: 1)
      grid.put(String(glyphs[.cursor]), 0, whole.y, role: .cursor)
      grid.restyle(whole, role: .cursor)
    }
  }

  /// One row of a table, in the columns that were found room for.
  mutating func drawCells(
    of row: Row, rate: RateBook.Rate?, _ plan: ColumnPlan, _ rect: Rect, _ line: Int
  ) {
    let word = FindWord(model.view.isTable ? model.table.find : "")
    let counts = model.table.tallies.counts(of: row.id, model.counterMode)
    for place in plan.places {
      let context = CellContext(
        wall: model.shownWall, rate: rate, trend: trend, counts: counts, glyphs: glyphs,
        width: place.width, allDrops: model.status?.packets.dropped ?? 0, times: model.times)
      let runs = place.column.cell(row, context).highlighting(word)
      let x = rect.x + place.x
      let indent =
        place.column.alignment == .right ? max(0, place.width - grid.width(of: runs)) : 0
      grid.put(
        runs, x + indent, rect.y + line, limit: place.width - indent, ellipsis: true)
    }
  }

  private mutating func drawEmptiness(_ rect: Rect) {
    for (row, text) in Wrap.lines(emptiness, width: rect.width - 4).enumerated() {
      putLine([TextRun(text, .textDim)], rect, row + 1)
    }
  }

  private var emptiness: String {
    if case .down(_, let reason) = model.link, !model.table.isLoaded { return reason }
    guard model.table.isLoaded else { return "waiting for the router" }
    if !model.table.filter.isEmpty { return "nothing matches the filter; Esc clears it" }
    return switch model.view {
    case .associations: "no entries: no host has validated a peer yet"
    case .hosts: "no hosts: the configuration names none"
    case .peers: "no peers: nothing is validated and nothing is revoked"
    case .log: "nothing was dropped yet"
    case .dropSources: "nothing from outside was dropped yet"
    case .ike: "no IKE: no host holds a label, and none has sent"
    case .audit: "nothing was done yet"
    case .overview, .drops, .dropHosts, .ports: "nothing to show"
    }
  }

  private mutating func drawStrip(_ rect: Rect) {
    let height = layout.stripHeight(model.strip, matched: model.table.length)
    guard height > 1 else { return }
    let strip = rect.rows(rect.height - height, height)
    if model.view == .drops { return drawSources(strip, note: hiding) }
    if model.view == .ports { return drawPortMap(strip, note: hiding) }
    guard let row = model.table.selectedRow else { return }
    let details = Details(row, model: model)
    drawHeading(details.title, strip, note: hiding)
    drawInColumns(details, strip.rows(1, height - 1))
  }

  private var hiding: String { "\(model.settings.keymap.hint(of: .strip)) hides" }

  private mutating func drawInColumns(_ details: Details, _ rect: Rect) {
    let half = rect.width >= 100 ? rect.width / 2 : rect.width
    let lines = details.rendered(width: half - 3).drop { $0.isEmpty }
    for (index, runs) in lines.enumerated() {
      let column = index / rect.height
      guard column * half < rect.width else { return }
      let part = rect.columns(column * half, half)
      putLine(runs, part, index % rect.height)
    }
  }

  private mutating func drawFilterInput(_ rect: Rect) {
    guard let input = model.filterInput, !rect.isEmpty else { return }
    let line = rect.rows(0, 1)
    let failure = model.table.filterFailure
    let role: Role = failure == nil ? .input : .inputError
    drawHeading("", line, note: counts)
    let noteWidth = counts.isEmpty ? 0 : counts.count + 5
    let end = rect.right - (noteWidth + 16 < rect.width ? noteWidth : 0)
    grid.fill(line.columns(0, end), role: role)
    let x = draw(input.editor, after: " filter: ", line.columns(0, end), role: role)
    guard let failure else { return }
    let below = rect.rows(1, rect.height - 1)
    drawProblem(failure.message, at: x + max(0, (failure.column ?? 1) - 1), below, upwards: false)
  }
}
