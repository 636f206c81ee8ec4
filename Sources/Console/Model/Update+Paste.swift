extension Model {
  /// Takes pasted text where text is being typed; nowhere else does it mean anything.
  mutating func paste(_ text: String) -> [Effect] {
    let line = Self.oneLine(text)
    if dialog != nil { return pasteInDialog(line) }
    if commandInput != nil {
      for scalar in line.unicodeScalars { _ = commandInput?.edit(.character(scalar)) }
      return askForPeers()
    }
    if var input = filterInput {
      input.editor.insert(line)
      return filterTyped(input)
    }
    if findInput != nil {
      findInput?.insert(line)
      return []
    }
    say("pasted text is taken where text is typed, as after /", .hint)
    return []
  }

  private mutating func pasteInDialog(_ line: String) -> [Effect] {
    guard var dialog, now.since(dialog.openedAt) >= Dialog.deafness,
      let index = dialog.focusedField, case .text(var editor) = dialog.fields[index].content
    else { return [] }
    editor.insert(line)
    dialog.fields[index].content = .text(editor)
    dialog.problem = nil
    self.dialog = dialog
    return explainIfNeeded()
  }

  // Ends of lines become blanks, but for those around the text.
  private static func oneLine(_ text: String) -> String {
    let words = text.unicodeScalars.split { $0.value < 0x20 }.map { String($0) }
    return words.joined(separator: " ")
  }
}

extension LineEditor {
  /// Types a text.
  mutating func insert(_ text: String) {
    for scalar in text.unicodeScalars { _ = handle(.character(scalar)) }
  }
}
