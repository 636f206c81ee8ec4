internal import Engine

// What happened last, on the overview.

extension Screen {
  mutating func drawNewestDrops(_ rect: Rect) {
    drawHeading("Newest drops", rect)
    if model.newestDrops.isEmpty { putLine([TextRun("none yet", .textDim)], rect, 1) }
    // The log's own columns, less the mark.
    let columns = Array(Columns.of(.log).dropFirst())
    let inner = Rect(
      x: rect.x + 2, y: rect.y + 1, width: rect.width - 3, height: max(0, rect.height - 1))
    let plan = ColumnPlan(columns, width: inner.width)
    for (line, row) in model.newestDrops.prefix(inner.height).enumerated() {
      drawCells(of: .drop(row), rate: nil, plan, inner, line)
    }
  }

  /// What operators and the router did last.
  mutating func drawNewestAudit(_ rect: Rect) {
    drawHeading("Newest actions and events", rect)
    if model.newestAudit.isEmpty { putLine([TextRun("none yet", .textDim)], rect, 1) }
    for (line, row) in model.newestAudit.prefix(max(0, rect.height - 1)).enumerated() {
      putLine(Self.audit(row), rect, line + 1)
    }
  }

  private static func audit(_ row: AuditViewRow) -> [TextRun] {
    let time = TextRun("\(CellText.clock(row.time)) ", .textDim)
    guard row.kind == "action" else {
      return [time, TextRun(row.message, CellText.role(ofAudit: row))]
    }
    let result = row.result == "done" ? [] : [TextRun(" \(row.result)", .stateFail)]
    return [time, TextRun("\(row.by) ", .textStrong), TextRun("\(row.action) \(row.target)")]
      + result
  }
}
