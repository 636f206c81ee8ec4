extension Screen {
  /// The line in which the text to find is typed, in place of the table's heading.
  mutating func drawFindInput(_ editor: LineEditor, _ rect: Rect) {
    guard !rect.isEmpty else { return }
    let line = rect.rows(0, 1)
    drawHeading("", line, note: counts)
    let noteWidth = counts.isEmpty ? 0 : counts.count + 5
    let end = rect.right - (noteWidth + 16 < rect.width ? noteWidth : 0)
    grid.fill(line.columns(0, end), role: .input)
    draw(editor, after: " find: ", line.columns(0, end), role: .input)
  }

  /// A text that is being typed, after a word that says what it is; its end is always seen.
  ///
  /// - Returns: The column at which the text begins on the screen.
  @discardableResult
  mutating func draw(
    _ editor: LineEditor, after label: String, _ line: Rect, role: Role
  ) -> Int {
    let x = grid.put(label, line.x, line.y, limit: line.width, role: role)
    let end = line.right
    let before = SafeText.clusters(editor.textBeforeCursor, ascii: glyphs.ascii)
    let width = before.reduce(0) { $0 + $1.width }
    let hidden = max(0, width - max(0, end - x - 1))
    grid.put(
      String(editor.text.dropFirst(hidden)), x, line.y, limit: max(0, end - x), role: role)
    grid.cursor = (max(0, min(end - 1, x + width - hidden)), line.y)
    return x - hidden
  }

  /// What the keys do while something is typed or chosen.
  var inputHints: [(key: Key, text: String)]? {
    if model.menu != nil { return menuHints }
    if model.findInput != nil { return [(.enter, "find"), (.escape, "give up")] }
    return nil
  }
}
