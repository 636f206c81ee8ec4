/// What was asked of the router, for when it answers.
struct Act: Equatable, Sendable {
  let summary: String
  /// Seconds after which the router rolls it back unless it is kept; nil for what stays.
  var provisional: Int?
  /// The view of the rows that the commands are about, and for each command its marked rows.
  var view: ViewID?
  var ids: [[String]] = []
}

// What the console does to the router besides asking, and what becomes of it.
extension Model {
  /// Seconds for which a change stays that would cut off whoever makes it.
  static let provisionalTime = 60

  /// Does what needs no question; nil for actions that ask one.
  mutating func performAtOnce(_ id: ActionID, by key: Key) -> [Effect]? {
    switch id {
    case .keep:
      guard let undoable else { return [] }
      return keep(undoable.number, undoable.summary)
    case .lock: return toggleLock(by: key)
    case .reason:
      reasonInput = LineEditor(reason ?? "", isSelected: true)
      return []
    default: return nil
    }
  }

  /// Sends a command that was confirmed.
  mutating func perform(_ command: Command, provisional: Int? = nil, plan: BatchPlan? = nil)
    -> [Effect]
  {
    let act = Act(
      summary: command.summary, provisional: provisional, view: plan?.view,
      ids: plan?.chosen.map(\.ids) ?? [])
    notice = Notice(kind: .pending, text: "\(command.summary): pending", until: .max)
    return [ask(.perform(command, provisional: provisional), for: .act(act))]
  }

  /// The router's answer to an action.
  mutating func acted(_ act: Act, _ reply: Reply) -> [Effect] {
    switch reply {
    case .failure(let failure): say("\(act.summary): \(failure.message)", .failed)
    case .acted(let outcome): finish(act, outcome)
    case .done(let text): say(text.isEmpty ? "\(act.summary): done" : text, .done)
    default: say("\(act.summary): done", .done)
    }
    return refresh(periodic: false)
  }

  private mutating func finish(_ act: Act, _ outcome: Outcome) {
    let (text, kind) = outcome.answer(to: act.summary)
    say(text, kind)
    if let number = outcome.action {
      undoable = Undoable(
        number: number, summary: act.summary,
        until: now.monotonic + UInt64(max(0, outcome.undoableFor)) * Moment.second,
        provisionalUntil: act.provisional.map { now.monotonic + UInt64($0) * Moment.second })
    }
    guard let view = act.view else { return }
    // What is done needs no mark any more; what was left out keeps its own.
    let isWhole = outcome.parts.count != act.ids.count
    for (place, ids) in act.ids.enumerated()
    where isWhole || outcome.parts[place].ending == .done {
      tables[view]?.marks.remove(ids)
    }
    settleMarks()
  }

  /// Undoes the last action, which the operator has confirmed.
  mutating func undo(_ number: Int64, _ summary: String) -> [Effect] {
    notice = Notice(kind: .pending, text: "undo \(summary): pending", until: .max)
    return [ask(.undo(number), for: .undo(number, summary))]
  }

  /// Keeps an action although it was provisional.
  mutating func keep(_ number: Int64, _ summary: String) -> [Effect] {
    notice = Notice(kind: .pending, text: "keep \(summary): pending", until: .max)
    return [ask(.keep(number), for: .keep(number, summary))]
  }

  /// The router's answer to `u`.
  mutating func undone(_ number: Int64, _ summary: String, _ reply: Reply) -> [Effect] {
    if let text = answered("undo \(summary)", reply) {
      say(text, .done)
      if undoable?.number == number { undoable = nil }
    }
    return refresh(periodic: false)
  }

  /// The router's answer to `K`.
  mutating func kept(_ number: Int64, _ summary: String, _ reply: Reply) -> [Effect] {
    if let text = answered("keep \(summary)", reply) {
      say(text, .done)
      if undoable?.number == number { undoable?.provisionalUntil = nil }
    }
    return refresh(periodic: false)
  }

  // What was done; nil, and said, if it was not.
  private mutating func answered(_ summary: String, _ reply: Reply) -> String? {
    switch reply {
    case .failure(let failure):
      say("\(summary): \(failure.message)", .failed)
      return nil
    case .acted(let outcome):
      let (text, kind) = outcome.answer(to: summary)
      if kind == .done { return text }
      say(text, kind)
      return nil
    default: return "\(summary): done"
    }
  }

  /// Ends what has run out: the time for undoing, and that for keeping.
  mutating func endCountdowns() {
    guard let undoable else { return }
    if let end = undoable.provisionalUntil, end <= now.monotonic {
      self.undoable = nil
      say("\(undoable.summary): rolled back, as nobody kept it", .failed)
    } else if undoable.until <= now.monotonic {
      self.undoable = nil
    }
  }

  /// Locks the console at once; unlocking asks.
  mutating func toggleLock(by key: Key) -> [Effect] {
    guard isLocked else {
      isLocked = true
      let key = settings.keymap.hint(of: .lock)
      say("locked: the acting keys do nothing until \(key) unlocks them", .done)
      return []
    }
    return openDialog(.lock, by: key)
  }

  /// Keys while the reason for the following actions is typed.
  mutating func handleInReason(_ key: Key) -> [Effect] {
    guard var editor = reasonInput else { return [] }
    switch key {
    case .escape, .control("C"): reasonInput = nil
    case .enter: takeReason(editor.text)
    default: if editor.handle(key) { reasonInput = editor }
    }
    return []
  }

  private mutating func takeReason(_ text: String) {
    if let fault = Reason.fault(in: text) { return say(fault, .failed) }
    let words = text.split(separator: " ").joined(separator: " ")
    reason = words.isEmpty ? nil : words
    reasonInput = nil
    say(reason.map { "actions have the reason '\($0)' from now on" } ?? "no reason is set", .done)
    fitTable()
  }
}
