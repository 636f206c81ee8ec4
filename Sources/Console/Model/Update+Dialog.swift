extension Model {
  mutating func openDialog(_ id: ActionID, by key: Key) -> [Effect] {
    dialog = Dialog.opening(id, model: self, by: key)
    return explainIfNeeded()
  }

  /// Keys while a dialog is open.
  mutating func handleInDialog(_ key: Key) -> [Effect] {
    guard var dialog, now.since(dialog.openedAt) >= Dialog.deafness else { return [] }
    // The terminal may have shrunk meanwhile: what cannot be read is not answered.
    if layout.form == .name, key != .escape, key != .control("C") { return [] }
    switch key {
    case .escape, .control("C"):
      self.dialog = nil
      return []
    case .tab, .down: dialog.moveFocus(by: 1)
    case .backTab, .up: dialog.moveFocus(by: -1)
    case .enter: return press(key)
    default: return edit(key)
    }
    self.dialog = dialog
    return []
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
    guard var dialog else { return [] }
    guard let index = dialog.focusedButton else {
      dialog.moveFocus(by: 1)
      self.dialog = dialog
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
    let command: Command
    do throws(FieldProblem) {
      guard let made = try dialog.command() else { return [] }
      command = made
    } catch {
      self.dialog?.problem = error.message
      self.dialog?.focus = dialog.fields.firstIndex { $0.name == error.field } ?? dialog.focus
      return []
    }
    if let obstacle = obstacle(to: command, in: dialog) {
      self.dialog?.problem = obstacle
      return []
    }
    self.dialog = nil
    notice = Notice(kind: .pending, text: "\(command.summary): pending", until: .max)
    return [ask(.perform(command), for: .command(command.summary))]
  }

  private func obstacle(to command: Command, in dialog: Dialog) -> String? {
    guard link == .up else { return "there is no engine to act on" }
    // Nobody confirms what has not been said yet.
    return dialog.explained?.command == command
      ? nil : "wait: the router has not yet said what this does"
  }

  /// Asks the router what the command of the dialog would do, once for each command.
  mutating func explainIfNeeded() -> [Effect] {
    guard link == .up, let dialog, let command = try? dialog.command(),
      dialog.explained?.command != command,
      !requests.contains(where: { $0 == .explanation(command) })
    else { return [] }
    return [ask(.explain(command), for: .explanation(command))]
  }
}
