/// The theme that is on the screen, followed as its file changes.
struct ThemeKeeper {
  private(set) var theme: Theme
  /// What is wrong with the theme that was asked for first.
  let warnings: [String]
  private let looks: Looks
  private var name: String
  private var watch: ThemeWatch?

  /// Takes the theme of a name.
  init(_ name: String, of looks: Looks) {
    let found = looks.theme(name)
    theme = found.theme
    warnings = found.warnings
    self.looks = looks
    self.name = name
    watch = found.file.map { ThemeWatch(path: $0) }
  }

  /// The glyphs of the theme.
  func glyphs(_ preferences: Preferences) -> Glyphs { looks.glyphs(of: theme, preferences) }

  /// Takes another theme, and says what is wrong with it.
  mutating func put(on name: String) -> String? {
    let found = looks.theme(name)
    theme = found.theme
    self.name = name
    watch = found.file.map { ThemeWatch(path: $0) }
    return found.warnings.first
  }

  /// Reads the file again if it has changed; what is to be said about that, nil if nothing is.
  ///
  /// A file that cannot be read leaves the theme as it was.
  mutating func follow() -> Notice.Text? {
    guard watch?.hasChanged() ?? false else { return nil }
    let found = looks.theme(name)
    guard !found.isFallback else {
      return found.warnings.first.map { .init("the theme stays as it was: \($0)", .failed) }
    }
    theme = found.theme
    return found.warnings.first.map { .init($0, .failed) }
      ?? .init("theme \(found.theme.name) read again", .done)
  }
}
