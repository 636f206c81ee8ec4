/// Theme and glyphs for what the user prefers, on one terminal.
struct Looks {
  var library = ThemeLibrary.usual
  /// The theme that `auto` stands for.
  let automatic: String
  /// Whether the locale or the command line allows ASCII only.
  let isASCIIOnly: Bool

  /// The theme of a name, with what is wrong with it.
  func theme(_ name: String) -> ThemeLibrary.Found {
    library.find(name == ThemeLibrary.automatic ? automatic : name)
  }

  /// The glyphs of a theme.
  func glyphs(of theme: Theme, _ preferences: Preferences) -> Glyphs {
    isASCIIOnly || preferences.glyphs == .ascii ? theme.asciiGlyphs : theme.glyphs
  }
}
