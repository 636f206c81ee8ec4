/// One line of text being typed.
struct LineEditor: Equatable, Sendable {
  private(set) var characters: [Unicode.Scalar]
  /// The place of the cursor: the number of characters before it.
  private(set) var position: Int
  /// Whether all of the text is selected, so that the first character typed replaces it.
  var isSelected = false

  /// The longest text that can be typed, in characters.
  static let longest = 200

  /// Starts with a text, the cursor after it.
  init(_ text: String = "", isSelected: Bool = false) {
    self.isSelected = isSelected
    characters = Array(text.unicodeScalars.prefix(Self.longest))
    position = characters.count
  }

  /// What has been typed.
  var text: String {
    var text = ""
    text.unicodeScalars.append(contentsOf: characters)
    return text
  }

  /// The text before the cursor.
  var textBeforeCursor: String {
    var text = ""
    text.unicodeScalars.append(contentsOf: characters[..<position])
    return text
  }

  /// Handles a key; false if the key does not edit.
  mutating func handle(_ key: Key) -> Bool {
    if case .character = key, isSelected { removeAll() }
    switch key {
    case .character(let scalar): insert(scalar)
    case .backspace, .control("H"): removeBefore()
    case .delete, .control("D"): removeAfter()
    case .left, .control("B"): position = max(0, position - 1)
    case .right, .control("F"): position = min(characters.count, position + 1)
    case .home, .control("A"): position = 0
    case .end, .control("E"): position = characters.count
    case .control("U"): removeAllBefore()
    case .control("K"): characters.removeSubrange(position...)
    case .control("W"): removeWordBefore()
    default: return false
    }
    isSelected = false
    return true
  }

  private mutating func removeAll() {
    characters = []
    position = 0
  }

  private mutating func insert(_ scalar: Unicode.Scalar) {
    guard scalar.value >= 0x20, characters.count < Self.longest else { return }
    characters.insert(scalar, at: position)
    position += 1
  }

  private mutating func removeBefore() {
    guard position > 0 else { return }
    position -= 1
    characters.remove(at: position)
  }

  private mutating func removeAfter() {
    guard position < characters.count else { return }
    characters.remove(at: position)
  }

  private mutating func removeAllBefore() {
    characters.removeSubrange(..<position)
    position = 0
  }

  private mutating func removeWordBefore() {
    while position > 0, characters[position - 1] == " " { removeBefore() }
    while position > 0, characters[position - 1] != " " { removeBefore() }
  }
}
