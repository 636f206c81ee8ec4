extension Model {
  /// Copies the row under the cursor, or all of the details that are open.
  mutating func copy() -> [Effect] {
    guard let text = CopiedText.of(self) else {
      say("there is nothing to copy here", .hint)
      return []
    }
    guard text.utf8.count <= CopiedText.longest else {
      say("not copied: \(text.utf8.count) octets are more than terminals take", .failed)
      return []
    }
    let lines = text.split(separator: "\n").count
    let what = lines > 1 ? "\(lines) lines" : text
    say("given to the terminal's clipboard: \(what)", .done)
    return [.copy(text)]
  }

  /// Shows the screen as plain text and leaves it still, so that the terminal's own selection is clean.
  mutating func startCopying() -> [Effect] {
    isCopying = true
    notice = nil
    return []
  }

  /// Keys while the screen is plain text: any goes back, and those that quit do so.
  mutating func handleWhileCopying(_ key: Key) -> [Effect]? {
    isCopying = false
    return settings.keymap.action(for: key)?.id == .quit ? nil : []
  }
}
