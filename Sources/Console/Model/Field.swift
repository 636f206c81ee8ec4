/// One thing to fill in in a dialog.
struct Field: Equatable, Sendable {
  /// What is filled in.
  enum Name: Equatable, Sendable {
    case address
    case target
    case host
    case ipsecProtocol
    case spi
    case duration
    case reason
    /// How many objects or entries are acted on, typed to show that it was read.
    case count
    /// The router's name, typed for the same end.
    case router
    case format
    case file
  }

  /// How.
  enum Content: Equatable, Sendable {
    case text(LineEditor)
    /// One of several words, by its index.
    case choice([String], Int)
  }

  let name: Name
  let label: String
  var content: Content
  /// What may be entered, and what an empty field means.
  var hint: String

  /// What a reason is for, where none is required.
  static let reasonHint = "for the audit log"

  /// A text field.
  static func text(_ name: Name, _ label: String, _ text: String, hint: String) -> Field {
    Field(name: name, label: label, content: .text(LineEditor(text)), hint: hint)
  }

  /// A choice of words with one of them chosen; a word that is not among them is added.
  static func choice(
    _ name: Name, _ label: String, _ words: [String], chosen: String?, hint: String
  ) -> Field {
    var words = words
    if let chosen, !words.contains(chosen) { words.append(chosen) }
    let index = chosen.flatMap { words.firstIndex(of: $0) } ?? 0
    return Field(name: name, label: label, content: .choice(words, index), hint: hint)
  }

  /// What is filled in now.
  var value: String {
    switch content {
    case .text(let editor): editor.text
    case .choice(let words, let index): words.indices.contains(index) ? words[index] : ""
    }
  }

  /// Selects a text, so that the first character typed replaces it.
  mutating func select() {
    guard case .text(var editor) = content else { return }
    editor.isSelected = true
    content = .text(editor)
  }

  /// Handles a key; false if the field has no use for it.
  mutating func handle(_ key: Key) -> Bool {
    switch content {
    case .text(var editor):
      let used = editor.handle(key)
      content = .text(editor)
      return used
    case .choice(let words, let index):
      guard let step = Self.step(key), !words.isEmpty else { return false }
      content = .choice(words, (index + step + words.count) % words.count)
      return true
    }
  }

  private static func step(_ key: Key) -> Int? {
    switch key {
    case .left, "h": -1
    case .right, "l", " ": 1
    default: nil
    }
  }
}
