extension Screen {
  /// A dialog in a frame over the middle of the screen; on a small screen it is the screen.
  mutating func draw(_ dialog: Dialog) {
    let small = layout.form < .list
    let width = small ? grid.width : min(74, grid.width - 4)
    let margin = small ? 1 : 2
    let lines = DialogWords(dialog, model, width: max(1, width - 2 * margin))
    let gap = small || dialog.fields.isEmpty ? 0 : 1
    let wanted = dialog.fields.count + gap + lines.count + (small ? 4 : 5)
    let height = small ? grid.height : min(wanted, grid.height)
    let box = Rect(
      x: (grid.width - width) / 2, y: (grid.height - height) / 2, width: width, height: height)
    drawFrame(dialog.title, box)
    draw(dialog, lines, box.inset(horizontally: margin, vertically: 1), gap: gap)
  }

  /// The frame of what lies over the middle of the screen.
  mutating func drawFrame(_ title: String, _ box: Rect) {
    grid.fill(box, role: .dialog)
    guard box.width > 1, box.height > 1 else { return }
    let (right, bottom) = (box.right - 1, box.bottom - 1)
    grid.fill(box.rows(0, 1), glyphs[.horizontal], role: .dialog)
    grid.fill(box.rows(box.height - 1, 1), glyphs[.horizontal], role: .dialog)
    grid.fill(box.columns(0, 1), glyphs[.vertical], role: .dialog)
    grid.fill(box.columns(box.width - 1, 1), glyphs[.vertical], role: .dialog)
    let corners: [(Glyphs.Name, Int, Int)] = [
      (.topLeft, box.x, box.y), (.topRight, right, box.y), (.bottomLeft, box.x, bottom),
      (.bottomRight, right, bottom),
    ]
    for (name, x, y) in corners {
      grid.put(String(glyphs[name]), x, y, role: .dialog)
    }
    grid.put(
      " \(title) ", box.x + 2, box.y, limit: box.width - 4, role: .dialogTitle, ellipsis: true)
  }

  // Buttons and fields are what the keys act on: they are placed first, and words get what is left.
  private mutating func draw(_ dialog: Dialog, _ lines: DialogWords, _ area: Rect, gap: Int) {
    drawButtons(dialog, area.rows(area.height - 1, 1))
    let spare = area.height - 1 - dialog.fields.count - gap
    let top = spare > lines.count + 1 ? 1 : 0
    drawFields(dialog, area.rows(top, min(dialog.fields.count, area.height - 1)))
    let below = area.rows(top + dialog.fields.count + gap, spare - top)
    let fitting = lines.fitting(below.height)
    for (row, run) in fitting.enumerated() { putLine([run], below, row, indent: 0) }
    guard let text = dialog.problem else { return }
    putLine([TextRun(" \(text) ", .danger)], area.rows(area.height - 2, 1), 0, indent: 0)
  }

  private mutating func drawFields(_ dialog: Dialog, _ rect: Rect) {
    let label = (dialog.fields.map(\.label.count).max() ?? 0) + 2
    let hint = dialog.fields.map(\.hint.count).max() ?? 0
    let width = max(8, min(30, max(rect.width - label - 2 - hint, 18)))
    // The field that has the focus is always among those that there is room for.
    let first = max(0, (dialog.focusedField ?? 0) - rect.height + 1)
    for (row, field) in dialog.fields.dropFirst(first).prefix(rect.height).enumerated() {
      let line = rect.rows(row, 1)
      grid.put(field.label, line.x, line.y, limit: line.width, role: .dialogDim)
      draw(field, line.columns(label, width), hasFocus: dialog.focusedField == first + row)
      let room = line.columns(label + width + 2, line.width - label - width - 2)
      guard field.hint.count <= room.width else { continue }
      putLine([TextRun(field.hint, .dialogDim)], room, 0, indent: 0)
    }
  }

  private mutating func draw(_ field: Field, _ rect: Rect, hasFocus: Bool) {
    let role: Role = hasFocus ? .buttonFocus : .input
    grid.fill(rect, role: role)
    switch field.content {
    case .choice(let words, _):
      let arrows = words.count > 1 ? "< \(field.value) >" : field.value
      grid.put(arrows, rect.x, rect.y, limit: rect.width, role: role, ellipsis: true)
    case .text(let editor):
      let width = SafeText.width(editor.textBeforeCursor, ascii: glyphs.ascii)
      let hidden = max(0, width - (rect.width - 1))
      grid.put(
        String(editor.text.dropFirst(hidden)), rect.x, rect.y, limit: rect.width, role: role)
      if hasFocus { grid.cursor = (rect.x + width - hidden, rect.y) }
    }
  }

  private mutating func drawButtons(_ dialog: Dialog, _ rect: Rect) {
    let (labels, gap) = labels(of: dialog.buttons, width: rect.width)
    let width = labels.reduce(0) { $0 + $1.count } + gap * (labels.count - 1)
    var x = rect.x + max(0, rect.width - width)
    for (index, label) in labels.enumerated() {
      let hasFocus = dialog.focusedButton == index
      let role: Role =
        hasFocus ? (dialog.buttons[index].isDangerous ? .danger : .buttonFocus) : .button
      // Where they do not all fit, that with the focus is there instead of those before it.
      if hasFocus, x + label.count > rect.right { x = max(rect.x, rect.right - label.count) }
      if hasFocus { grid.cursor = (min(x + gap, max(0, grid.width - 1)), rect.y) }
      x = grid.put(label, x, rect.y, limit: max(0, rect.right - x), role: role) + gap
    }
  }

  private func labels(of buttons: [Dialog.Button], width: Int) -> ([String], gap: Int) {
    let wide = buttons.map { "[ \($0.title) ]" }
    let needed = wide.reduce(0) { $0 + $1.count } + 2 * (wide.count - 1)
    return needed <= width ? (wide, 2) : (buttons.map { "[\($0.title)]" }, 1)
  }
}
