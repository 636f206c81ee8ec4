extension Screen {
  /// A dialog in a frame over the middle of the screen; on a small screen it is the screen.
  mutating func draw(_ dialog: Dialog) {
    let small = layout.form < .list
    let width = small ? grid.width : min(74, grid.width - 4)
    let inner = max(1, width - (small ? 2 : 4))
    let lines = contents(dialog, width: inner)
    let fields = dialog.fields.count
    let wanted = lines.count + fields + 5 + (fields > 0 ? 1 : 0)
    let height = small ? grid.height : min(wanted, grid.height)
    let box = Rect(
      x: (grid.width - width) / 2, y: (grid.height - height) / 2, width: width, height: height)
    drawFrame(dialog.title, box)
    let area = box.inset(horizontally: small ? 1 : 2, vertically: 1)
    draw(dialog, lines, area)
  }

  private mutating func drawFrame(_ title: String, _ box: Rect) {
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
    grid.put(" \(title) ", box.x + 2, box.y, limit: box.width - 4, role: .dialogTitle, ellipsis: true)
  }

  // Buttons and fields are what the keys act on: they are placed first, and words get what is left.
  private mutating func draw(_ dialog: Dialog, _ lines: [TextRun], _ area: Rect) {
    let buttons = area.rows(area.height - 1, 1)
    drawButtons(dialog, buttons)
    let problem = area.rows(area.height - 2, 1)
    if let text = dialog.problem {
      putLine([TextRun(text, .danger)], problem, 0, indent: 0)
    }
    let spare = area.height - 2 - dialog.fields.count
    let words = max(0, min(lines.count, spare - (dialog.fields.isEmpty ? 0 : 1)))
    let top = max(0, min(spare, 1))
    drawFields(dialog, area.rows(top, dialog.fields.count))
    let below = area.rows(top + dialog.fields.count + (dialog.fields.isEmpty ? 0 : 1), words)
    for (row, run) in lines.prefix(words).enumerated() { putLine([run], below, row, indent: 0) }
  }

  private mutating func drawFields(_ dialog: Dialog, _ rect: Rect) {
    let label = (dialog.fields.map(\.label.count).max() ?? 0) + 2
    for (index, field) in dialog.fields.enumerated() where index < rect.height {
      let line = rect.rows(index, 1)
      grid.put(field.label, line.x, line.y, limit: line.width, role: .dialogDim)
      let width = max(8, min(30, line.width - label - 2))
      draw(field, line.columns(label, width), hasFocus: dialog.focusedField == index)
      let hint = line.columns(label + width + 2, line.width - label - width - 2)
      putLine([TextRun(field.hint, .dialogDim)], hint, 0, indent: 0)
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
    let labels = dialog.buttons.map { "[ \($0.title) ]" }
    let width = labels.reduce(0) { $0 + $1.count } + 2 * (labels.count - 1)
    var x = rect.x + max(0, rect.width - width)
    for (index, label) in labels.enumerated() {
      let hasFocus = dialog.focusedButton == index
      let role: Role =
        hasFocus ? (dialog.buttons[index].isDangerous ? .danger : .buttonFocus) : .button
      let end = grid.put(label, x, rect.y, limit: max(0, rect.right - x), role: role, ellipsis: true)
      if hasFocus { grid.cursor = (min(x + 2, max(0, grid.width - 1)), rect.y) }
      x = end + 2
    }
  }

  /// What is said in the dialog beside its fields, one run a line.
  private func contents(_ dialog: Dialog, width: Int) -> [TextRun] {
    let words = Wrap.lines(dialog.consequence(model), width: width).map { TextRun($0, .dialog) }
    return words + explanation(dialog, width: width)
  }

  private func explanation(_ dialog: Dialog, width: Int) -> [TextRun] {
    let command: Command
    do throws(FieldProblem) {
      guard let made = try dialog.command() else { return [] }
      command = made
    } catch {
      return [TextRun(""), TextRun(error.message, .dialogStrong)]
    }
    guard let explained = dialog.explained, explained.command == command else {
      return [TextRun(""), TextRun("asking the router what this would do", .dialogDim)]
    }
    switch explained.result {
    case .failure(let failure):
      return [TextRun("", .dialog)]
        + Wrap.lines("The router says: \(failure.message)", width: width)
        .map { TextRun($0, .dialogStrong) }
    case .success(let explanation): return lines(for: explanation, width: width)
    }
  }

  private func lines(for explanation: Explanation, width: Int) -> [TextRun] {
    let counted =
      "\(Format.grouped(UInt64(max(0, explanation.entries)))) of "
      + "\(Format.plural(explanation.allEntries, "entry", "entries")), "
      + "\(Format.rate(explanation.packetsPerSecond)) packets/s now"
    let hosts = explanation.hosts.isEmpty ? "" : "; \(explanation.hosts.joined(separator: ", "))"
    return [TextRun("", .dialog)]
      + Wrap.lines("Now: \(explanation.message)", width: width).map { TextRun($0, .dialogStrong) }
      + Wrap.lines("\(counted)\(hosts)", width: width).map { TextRun($0, .dialogStrong) }
      + explanation.examples.prefix(5).map { TextRun("  \($0)", .dialogDim) }
  }
}
