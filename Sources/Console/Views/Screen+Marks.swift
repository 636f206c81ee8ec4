extension Screen {
  /// What is to be seen of a row besides its cells: its mark, and whether it is new or has changed.
  ///
  /// The mark stands in the gap before the row's name, so that no column moves when there is one.
  mutating func drawSigns(
    of row: Row, at index: Int, _ plan: ColumnPlan, _ rect: Rect, _ line: Int
  ) {
    let table = model.table
    guard let sign = plan.places.first, plan.places.count > 1 else { return }
    let name = plan.places[1]
    let y = rect.y + line
    if table.gone.contains(row.id) {
      drawEnd(of: row, plan, rect, y)
    } else if let state = table.freshness[row.id] {
      let (glyph, role): (Glyphs.Name, Role) =
        switch state {
        case .new: (.new, .rowNew)
        case .changed: (.changed, .rowChanged)
        }
      grid.put(String(glyphs[glyph]), rect.x + sign.x, y, limit: sign.width, role: role)
      grid.restyle(Rect(x: rect.x + name.x, y: y, width: name.width, height: 1), role: role)
    }
    guard table.marks[row.id] != nil || isInRange(index) else { return }
    grid.put(String(glyphs[.mark]), rect.x + name.x - 1, y, limit: 1, role: .mark)
  }

  // What is gone is said by a glyph, and by a word in place of its last column.
  private mutating func drawEnd(of row: Row, _ plan: ColumnPlan, _ rect: Rect, _ y: Int) {
    guard let sign = plan.places.first, let last = plan.places.last else { return }
    let word = row.ending(at: model.shownWall)
    grid.put(
      String(glyphs[.gone]), rect.x + sign.x, y, limit: sign.width, role: .rowGone)
    if plan.places.count > 2 {
      let end = last.x + (last.column.alignment == .right ? last.width : word.count)
      let x = rect.x + min(end, rect.width) - word.count
      let left = min(x, rect.x + last.x) - 1
      grid.fill(Rect(x: left, y: y, width: grid.width - left, height: 1), role: .rowGone)
      grid.put(word, x, y, role: .rowGone)
    }
    grid.restyle(Rect(x: 0, y: y, width: grid.width, height: 1), role: .rowGone)
  }

  private func isInRange(_ index: Int) -> Bool {
    rangeBegin.map { (min($0, model.table.selected)...max($0, model.table.selected)) ~= index }
      ?? false
  }

  // Where the range that is being marked begins: with its object, if that is here.
  private var rangeBegin: Int? {
    let table = model.table
    guard let anchor = table.marks.anchor else { return nil }
    return table.rows.firstIndex { $0.id == anchor.id }.map { table.offset + $0 } ?? anchor.index
  }

  /// The line of what stands for a while: how many rows are marked, and the reason that is set.
  mutating func drawFooter() {
    let rect = layout.footer
    guard !rect.isEmpty else { return }
    var runs: [TextRun] = []
    if model.view.isTable { runs += markRuns }
    if let reason = model.reason {
      runs += [TextRun("  reason: ", .textDim), TextRun(reason, .textStrong)]
    }
    putLine(runs, rect, 0, indent: 0)
  }

  private var markRuns: [TextRun] {
    let marks = model.table.marks
    let keymap = model.settings.keymap
    var runs: [TextRun] = []
    if !marks.isEmpty {
      let hidden = Format.grouped(UInt64(marks.hiddenCount))
      runs.append(TextRun("  \(Format.grouped(UInt64(marks.count))) marked", .mark))
      let role: Role = marks.hiddenCount > 0 ? .stateAttention : .textDim
      runs.append(TextRun(" (\(hidden) hidden)", role))
      let changed = marks.changedCount
      if changed > 0 {
        runs.append(TextRun("  \(changed) changed since", .stateAttention))
      }
      if marks.showsOnly {
        runs.append(TextRun("  marked only, \(keymap.hint(of: .markedOnly)) shows all", .textDim))
      }
    }
    if let begin = rangeBegin {
      let count = abs(model.table.selected - begin) + 1
      let rows = Format.plural(count, "row", "rows")
      runs.append(
        TextRun(
          "  a range of \(rows): \(keymap.hint(of: .markRange)) marks it, "
            + "\(keymap.hint(of: .back)) gives it up", .mark))
    }
    return runs
  }
}
