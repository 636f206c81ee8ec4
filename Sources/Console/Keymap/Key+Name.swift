extension Key {
  /// The key that a text names: a character, `^L`, `Ctrl-L`, `F5`, `Space`, `PgUp` and the like; nil
  /// for any other text.
  init?(name: String) {
    let scalars = Array(name.unicodeScalars)
    if scalars.count == 1, scalars[0].value >= 0x21, scalars[0].value != 0x7f {
      self = .character(scalars[0])
    } else if let key = Self.control(name) ?? Self.function(name) ?? Self.named[name.lowercased()] {
      self = key
    } else {
      return nil
    }
  }

  /// What a message says that keys look like.
  static let nameExamples = "x, F5, ^L, Space, Enter, Tab, S-Tab, PgUp, Home, Del"

  // Some control keys are the keys of that name to every terminal.
  private static func control(_ name: String) -> Key? {
    let prefixes = ["^", "Ctrl-", "ctrl-", "C-"]
    guard let prefix = prefixes.first(where: { name.hasPrefix($0) }),
      let letter = name.dropFirst(prefix.count).uppercased().unicodeScalars.first,
      name.unicodeScalars.count == prefix.count + 1
    else { return nil }
    switch letter {
    case "I": return .tab
    case "M", "J": return .enter
    case "H": return .backspace
    case "[": return .escape
    case "A"..."Z", "\\": return .control(letter)
    default: return nil
    }
  }

  private static func function(_ name: String) -> Key? {
    guard name.first?.uppercased() == "F", let number = Int(name.dropFirst()),
      (1...24).contains(number)
    else { return nil }
    return .function(number)
  }

  private static let named: [String: Key] = [
    "space": " ", "enter": .enter, "return": .enter, "esc": .escape, "escape": .escape,
    "tab": .tab, "s-tab": .backTab, "shift-tab": .backTab, "up": .up, "down": .down,
    "left": .left, "right": .right, "pgup": .pageUp, "pageup": .pageUp, "pgdn": .pageDown,
    "pagedown": .pageDown, "home": .home, "end": .end, "ins": .insert, "insert": .insert,
    "del": .delete, "delete": .delete, "bksp": .backspace, "backspace": .backspace,
  ]
}
