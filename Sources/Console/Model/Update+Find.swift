extension Model {
  /// Keys while the text to find is being typed.
  mutating func handleInFind(_ key: Key) -> [Effect] {
    guard var editor = findInput else { return [] }
    switch key {
    case .escape, .control("C"): findInput = nil
    case .enter:
      findInput = nil
      return find(editor.text)
    default:
      guard editor.handle(key) else { return [] }
      findInput = editor
    }
    return []
  }

  /// Goes to the first row with a text, from the cursor on.
  mutating func find(_ text: String) -> [Effect] {
    table.find = text
    return find(from: table.number(of: table.selected), backwards: false)
  }

  /// Goes to the next row with the text, or to the one before.
  mutating func findAgain(backwards: Bool) -> [Effect] {
    let from =
      backwards ? table.number(of: table.selected) - 1 : table.number(of: table.selected + 1)
    return find(from: from, backwards: backwards)
  }

  // Round the corner: after the last row comes the first.
  private mutating func find(from start: Int, backwards: Bool) -> [Effect] {
    guard !table.find.isEmpty, table.matched > 0 else { return [] }
    let from = (start % table.matched + table.matched) % table.matched
    let step = FindStep(text: table.find, from: from, backwards: backwards)
    guard link == .up, let query else { return [] }
    return [ask(.find(query, step), for: .found(query, step))]
  }

  /// Takes in where the router has found the text.
  mutating func found(
    _ place: (index: Int, row: Row)?, for query: WindowQuery, _ step: FindStep
  ) -> [Effect] {
    guard let wanted = self.query, query.isSameList(as: wanted), table.find == step.text else {
      return []
    }
    found(place, step)
    return rowsIfMissing()
  }

  private mutating func found(_ place: (index: Int, row: Row)?, _ step: FindStep) {
    guard let (number, row) = place else {
      say("no row has '\(step.text)'", .hint)
      return
    }
    let index = table.index(of: number)
    let isRound = step.backwards ? index > table.selected : index < table.selected
    table.movedAt = now.monotonic
    table.select(index, height: tableHeight)
    // Rows may have come before it since: the cursor goes with the row, not with its number.
    table.selectedID = row.id
    if isRound {
      say(step.backwards ? "from the last row on" : "from the first row on", .hint)
    } else if notice?.kind == .hint {
      notice = nil
    }
  }
}

/// Where a text is looked for, and in which direction.
struct FindStep: Equatable, Sendable {
  var text: String
  /// The number of the row to begin with, among the matched.
  var from: Int
  var backwards: Bool
}
