/// Theme and glyphs for what the user prefers, on one terminal.
struct Looks {
  var library = ThemeLibrary.usual
  /// The theme that `auto` stands for.
  let automatic: String
  /// Whether the locale or the command line allows ASCII only.
  let isASCIIOnly: Bool
  /// Whether the terminal's font may lack blocks although the locale has them.
  var isBare = false

  /// The theme of a name, with what is wrong with it.
  func theme(_ name: String) -> ThemeLibrary.Found {
    library.find(name == ThemeLibrary.automatic ? automatic : name)
  }

  /// The glyphs of a theme.
  ///
  /// Braille only by the user's own choice: PuTTY's usual fonts, to name some, have none.
  func glyphs(of theme: Theme, _ preferences: Preferences) -> Glyphs {
    switch isASCIIOnly ? .ascii : preferences.glyphs {
    case .automatic: isBare ? theme.asciiGlyphs : theme.glyphs
    case .braille: theme.glyphs.withBraille
    case .block: theme.glyphs
    case .ascii: theme.asciiGlyphs
    }
  }

  /// Whether a terminal is one whose fonts may lack blocks, by its name in terminfo: the Linux
  /// console, whose fonts have 256 or 512 characters, and the VT series.
  static func isBare(terminal name: String) -> Bool {
    name == "linux" || name.hasPrefix("linux-")
      || (name.hasPrefix("vt") && name.dropFirst(2).first?.isWholeNumber == true)
  }
}
