extension Dialog {
  /// The question in a few words: what would be done.
  var question: String {
    switch purpose {
    case .undo(_, let summary): return "undo \(summary)"
    case .unlock: return "unlock this console"
    case .marked(let action):
      let command = try? command()
      return command?.summary ?? "\(Action.named(action)?.hint ?? "") the marked rows"
    default: return (try? command())?.summary ?? title
    }
  }

  /// Whether the router is asked what it would do.
  var isExplanationNeeded: Bool {
    switch purpose {
    case .undo, .unlock, .export, .quit: false
    default: true
    }
  }

  /// Whether it covers the address that the operator's own session comes from.
  var isOwnPeer: Bool {
    guard case .success(let explanation)? = explained?.result else { return false }
    return explanation.ownPeer
  }
}

extension Screen {
  /// A question of one line, in the last line of the screen.
  ///
  /// The keys that answer it are placed first, and the words get what is left.
  mutating func drawPrompt(_ dialog: Dialog, _ rect: Rect) {
    let isAsking = dialog.isExplanationNeeded && dialog.explained == nil
    var keys: [(String, String)] = [("Esc", "no")]
    if !isAsking {
      if dialog.isExplanationNeeded, layout.form >= .list { keys.insert(("Tab", "more"), at: 0) }
      keys.insert(("y", "yes"), at: 0)
    }
    let right = keys.flatMap { [TextRun(" \($0.0)", .key), TextRun(" \($0.1) ", .hint)] }
    let start = max(rect.x, rect.right - grid.width(of: right))
    let sign = isAsking ? "" : "?"
    let runs = [
      TextRun(" \(dialog.question)\(sign)", isAsking ? .stateBusy : .textStrong),
      TextRun("  \(isAsking ? "asking the router" : facts(of: dialog))", .textDim),
    ]
    grid.put(runs, rect.x, rect.y, limit: start - rect.x, ellipsis: true)
    grid.put(right, start, rect.y)
  }

  private func facts(of dialog: Dialog) -> String {
    guard case .success(let explanation)? = dialog.explained?.result else { return "" }
    let entries =
      explanation.entries == 0 ? "no entry" : Format.plural(explanation.entries, "entry", "entries")
    return dialog.explained?.command.cutsOff == true ? "\(entries), idle" : entries
  }

  /// The reason of the following actions while it is typed.
  mutating func drawReasonInput(_ editor: LineEditor, _ rect: Rect) {
    let fault = Reason.fault(in: editor.text)
    let role: Role = fault == nil ? .input : .inputError
    let label = layout.form >= .list ? " reason of the following actions: " : " reason: "
    grid.fill(rect, role: role)
    let x = grid.put(label, rect.x, rect.y, limit: rect.width, role: role)
    let room = max(1, rect.right - x - 1)
    let width = SafeText.width(editor.textBeforeCursor, ascii: glyphs.ascii)
    let hidden = max(0, width - room)
    grid.put(String(editor.text.dropFirst(hidden)), x, rect.y, limit: room, role: role)
    grid.cursor = (min(rect.right - 1, x + width - hidden), rect.y)
  }
}
