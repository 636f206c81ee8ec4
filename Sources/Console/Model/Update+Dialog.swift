internal import Engine
internal import PAP

extension Model {
  /// Opens what an action asks before it does anything.
  mutating func openDialog(_ id: ActionID, by key: Key) -> [Effect] {
    if let id = markedAction(id) { return openMarked(id, by: key) }
    if hasSlipped(id) {
      // The order holds now: what is looked at stays until the next key.
      table.movedAt = now.monotonic
      say("another row has come under the cursor: look again, then press \(key.label)", .hint)
      return []
    }
    dialog = Dialog.opening(id, model: self, by: key)
    return explainIfNeeded()
  }

  // Whether the action is about the row under the cursor, which has only just become another one.
  private func hasSlipped(_ id: ActionID) -> Bool {
    guard overlay == nil, view.isTable, Self.onRow.contains(id), let time = table.slippedAt else {
      return false
    }
    return now.since(time) < Self.slipTime
  }

  /// Keys while a dialog is open.
  mutating func handleInDialog(_ key: Key) -> [Effect] {
    guard let dialog, now.since(dialog.openedAt) >= Dialog.deafness else { return [] }
    // The terminal may have shrunk meanwhile: what cannot be read is not answered.
    let least: Layout.Form = dialog.form == .line ? .narrow : .counters
    if layout.form < least, key != .escape, key != .control("C") { return [] }
    if key == .escape || key == .control("C") {
      self.dialog = nil
      return []
    }
    return dialog.form == .line ? answerLine(dialog, key) : handleInFrame(dialog, key)
  }

  private mutating func handleInFrame(_ dialog: Dialog, _ key: Key) -> [Effect] {
    switch key {
    case .tab, .down: self.dialog?.moveFocus(by: 1)
    case .backTab, .up: self.dialog?.moveFocus(by: -1)
    case .enter: return press(key)
    default: return edit(key)
    }
    return []
  }

  // Only `y` accepts; before the router has said what the command does, nothing does.
  private mutating func answerLine(_ dialog: Dialog, _ key: Key) -> [Effect] {
    let isAsked = dialog.isExplanationNeeded && dialog.explained == nil
    switch key {
    case _ where isAsked: return []
    case .tab where dialog.isExplanationNeeded: unfold()
    case dialog.openedBy: return []
    case "y": return confirm()
    default:
      self.dialog = nil
      say("\(dialog.question): not done", .hint)
    }
    return []
  }

  /// Puts the question in a frame, which is a new one to the keys.
  private mutating func unfold() {
    dialog?.form = .frame
    dialog?.openedAt = now.monotonic
  }

  private mutating func edit(_ key: Key) -> [Effect] {
    guard var dialog else { return [] }
    if let index = dialog.focusedField {
      guard dialog.fields[index].handle(key) else { return [] }
      dialog.problem = nil
    } else if let button = dialog.focusedButton {
      // From button to button only: nothing that is typed here confirms.
      if key == .left, button > 0 { dialog.moveFocus(by: -1) }
      if key == .right, button < dialog.buttons.count - 1 { dialog.moveFocus(by: 1) }
    }
    self.dialog = dialog
    return explainIfNeeded()
  }

  private mutating func press(_ key: Key) -> [Effect] {
    guard let dialog else { return [] }
    guard let index = dialog.focusedButton else {
      self.dialog?.moveFocus(by: 1)
      return []
    }
    // The key that opened a dialog never confirms it.
    guard key != dialog.openedBy else { return [] }
    switch dialog.buttons[index].outcome {
    case .cancel: self.dialog = nil
    case .confirm: return confirm()
    case .leave: return [.quit(.left)]
    case .stop:
      self.dialog = nil
      notice = Notice(kind: .pending, text: "stopping the router", until: .max)
      return [ask(.stop, for: .stop)]
    }
    return []
  }

  private mutating func confirm() -> [Effect] {
    guard let dialog else { return [] }
    switch dialog.purpose {
    case .undo(let number, let summary):
      self.dialog = nil
      return undo(number, summary)
    case .unlock:
      self.dialog = nil
      isLocked = false
      say("unlocked: the acting keys work again", .done)
      return []
    case .export: return confirmExport(dialog)
    default: return confirmCommand(dialog)
    }
  }

  private mutating func confirmCommand(_ dialog: Dialog) -> [Effect] {
    do throws(FieldProblem) {
      guard let command = try dialog.command() else { return [] }
      if let obstacle = obstacle(to: command, in: dialog) {
        self.dialog?.problem = obstacle
        return []
      }
      let confirmed = try dialog.confirmed(command, router: routerName)
      self.dialog = nil
      return perform(
        confirmed, provisional: dialog.isOwnPeer ? Self.provisionalTime : nil, plan: dialog.plan)
    } catch {
      self.dialog?.problem = error.message
      self.dialog?.focus = dialog.fields.firstIndex { $0.name == error.field } ?? dialog.focus
      return []
    }
  }

  private func obstacle(to command: Command, in dialog: Dialog) -> String? {
    guard link == .up else { return "there is no engine to act on" }
    // Nobody confirms what has not been said yet.
    guard let explained = dialog.explained, explained.command == command else {
      return "wait: the router has not yet said what this does"
    }
    if case .failure(let failure) = explained.result { return failure.message }
    return nil
  }

  /// By what name an operator knows this router: what the title line begins with.
  var routerName: String { status?.externalAddress.description ?? "dnat-console" }

  /// Asks the router what the command of the dialog would do, once for each command.
  mutating func explainIfNeeded() -> [Effect] {
    guard link == .up, let dialog, let command = try? dialog.command(),
      dialog.explained?.command != command,
      !requests.contains(where: { $0 == .explanation(command) })
    else { return [] }
    return [ask(.explain(command), for: .explanation(command))]
  }

  /// The router says what a command would do: the question takes the form that this calls for.
  mutating func explain(_ command: Command, _ reply: Reply) {
    guard var dialog, (try? dialog.command()) == command else { return }
    switch reply {
    case .explanation(let explanation):
      dialog.learn(command, .success(explanation), router: routerName)
    case .failure(let failure) where dialog.form == .line:
      self.dialog = nil
      return say("\(command.summary): \(failure.message)", .failed)
    case .failure(let failure):
      dialog.learn(command, .failure(.init(message: failure.message)), router: routerName)
    default: return
    }
    let isFirst = self.dialog?.explained == nil
    self.dialog = dialog
    guard dialog.form == .line, isFirst else { return }
    if dialog.tier != .line { unfold() }
    self.dialog?.openedAt = now.monotonic
  }
}
