internal import Engine

extension Screen {
  /// The last line: the keys that do something here, or the answer to the last action.
  mutating func drawHints() {
    let rect = layout.hints
    guard !rect.isEmpty else { return }
    if let dialog = model.dialog, dialog.form == .line { return drawPrompt(dialog, rect) }
    if let editor = model.reasonInput { return drawReasonInput(editor, rect) }
    if let modeHints { return draw(modeHints, rect) }
    let countdown = countdown(atMost: rect.width / 2)
    if let notice = model.notice {
      let width = grid.width(of: countdown)
      grid.put(countdown, rect.right - width, rect.y)
      return draw(notice, rect.columns(0, rect.width - width))
    }
    drawKeyHints(rect.columns(drawAlarms(rect) - rect.x, rect.width), countdown)
  }

  private mutating func drawKeyHints(_ rect: Rect, _ countdown: [TextRun]) {
    let always = hints.filter { [.help, .quit].contains($0.id) }
    let right = countdown + always.flatMap { hint(for: $0) }
    let start = rect.right - grid.width(of: right)
    var x = rect.x
    // Greyed keys say once why they are.
    if let reason = model.reasonNotToAct, layout.form >= .list {
      let runs = [TextRun(" \(reason):", .textDim)]
      if x + grid.width(of: runs) <= start { x = grid.put(runs, x, rect.y) }
    }
    for action in hints where !always.contains(where: { $0.id == action.id }) {
      let runs = hint(for: action)
      guard x + grid.width(of: runs) <= start else { continue }
      x = grid.put(runs, x, rect.y)
    }
    grid.put(right, max(start, x), rect.y)
  }

  /// What is wrong with the router, in place of the hints; the column after it.
  private mutating func drawAlarms(_ rect: Rect) -> Int {
    guard let first = model.alarms.first else { return rect.x }
    let more = model.alarms.count > 1 ? " (+\(model.alarms.count - 1))" : ""
    let always = 16
    let room = max(0, rect.width - always - more.count)
    let x = grid.put(
      [TextRun(" \(glyphs[.ending]) \(first.text)", .stateFail)], rect.x, rect.y, limit: room,
      ellipsis: true)
    return grid.put(more + " ", x, rect.y, limit: max(0, rect.right - x), role: .stateFail)
  }

  // The acting keys first: they are what an operator in a hurry looks for.
  private var hints: [Action] {
    let keymap = model.settings.keymap
    let all = Action.all.filter {
      !$0.hint.isEmpty && $0.applies(in: model.view) && !keymap.keys(of: $0.id).isEmpty
    }
    guard layout.form > .counters else { return all.filter { $0.id == .quit } }
    return all.filter(\.acts) + all.filter { !$0.acts }
  }

  // While something is typed or asked the keys of the table do nothing.
  private var modeHints: [(key: Key, text: String)]? {
    if model.dialog != nil {
      return [(.tab, "next"), (.enter, "press the button"), (.escape, "cancel")]
    }
    if let inputHints = inputHints { return inputHints }
    if model.filterInput != nil { return [(.enter, "keep"), (.escape, "give up")] }
    return nil
  }

  // What can still be taken back, and for how long.
  private func countdown(atMost width: Int) -> [TextRun] {
    guard let undoable = model.undoable, model.reasonNotToAct == nil else { return [] }
    let undo = countdown(.undo, "undo", until: undoable.until, .hint)
    guard let end = undoable.provisionalUntil else { return undo }
    let keep = countdown(.keep, "keep", until: end, .stateAttention)
    return grid.width(of: keep + undo) <= width ? keep + undo : keep
  }

  private func countdown(
    _ id: ActionID, _ text: String, until end: UInt64, _ role: Role
  ) -> [TextRun] {
    let left = Double(end > model.now.monotonic ? end - model.now.monotonic : 0)
    let key = model.settings.keymap.hint(of: id)
    let time = Format.clock((left / Double(Moment.second)).rounded(.up))
    return [TextRun(" \(key)", .key), TextRun(" \(text) (\(time)) ", role)]
  }

  private mutating func draw(_ hints: [(key: Key, text: String)], _ rect: Rect) {
    var x = rect.x
    for hint in hints {
      let runs = [TextRun(" \(hint.key.label)", .key), TextRun(" \(hint.text) ", .hint)]
      x = grid.put(runs, x, rect.y, limit: max(0, rect.right - x))
    }
  }

  private func hint(for action: Action) -> [TextRun] {
    let isEnabled = model.availability(of: action).isEnabled
    let key = model.settings.keymap.keys(of: action.id).first?.label ?? ""
    return [
      TextRun(" \(key)", isEnabled ? .key : .textDim),
      TextRun(" \(hintText(action)) ", isEnabled ? .hint : .textDim),
    ]
  }

  private func hintText(_ action: Action) -> String {
    switch action.id {
    case .suspend where model.subject.isSuspended ?? isSuspended: "resume"
    case .freeze where model.isFrozen: "go on"
    default: action.hint
    }
  }

  private var isSuspended: Bool { model.subject.host.map(model.isKnownSuspended) ?? false }

  private mutating func draw(_ notice: Notice, _ rect: Rect) {
    let (mark, role): (String, Role) =
      switch notice.kind {
      case .pending: ("[..] ", .stateBusy)
      case .done: ("[ok] ", .stateOK)
      case .failed: ("[!!] ", .stateFail)
      case .hint: ("", .stateAttention)
      }
    grid.put(
      [TextRun(" \(mark)", role), TextRun(notice.text, role == .stateBusy ? .text : role)], rect.x,
      rect.y, limit: rect.width, ellipsis: true)
  }
}
