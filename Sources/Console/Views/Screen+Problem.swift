extension Screen {
  /// What is wrong with a text that is being typed: a caret at the column that is wrong, and words.
  ///
  /// The words stand beside the caret where there is room, else beyond it, over what is shown there.
  ///
  /// - Parameters:
  ///   - message: The words.
  ///   - column: The column of the screen.
  ///   - area: The rows beside the text; the caret is in the one next to it.
  ///   - upwards: Whether the area is above the text.
  mutating func drawProblem(_ message: String, at column: Int, _ area: Rect, upwards: Bool) {
    guard !area.isEmpty else { return }
    let nearest = area.rows(upwards ? area.height - 1 : 0, 1)
    grid.fill(nearest, role: .stateFail)
    let column = max(area.x, min(column, area.right - 1))
    if column + 2 + message.count < area.right {
      grid.put("^ \(message)", column, nearest.y, role: .stateFail)
      return
    }
    let lines = Wrap.lines(message, width: area.width - 2).prefix(area.height - 1)
    guard !lines.isEmpty else {
      let room = area.width - 1
      grid.put(message, area.x + 1, nearest.y, limit: room, role: .stateFail, ellipsis: true)
      return
    }
    grid.put("^", column, nearest.y, role: .stateFail)
    let words = area.rows(upwards ? area.height - 1 - lines.count : 1, lines.count)
    grid.fill(words, role: .stateFail)
    for (row, text) in lines.enumerated() {
      grid.put(text, words.x + 1, words.y + row, limit: words.width - 1, role: .stateFail)
    }
  }
}
