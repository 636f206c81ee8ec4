internal import Configuration
internal import FoundationEssentials
internal import Net

/// Finds themes by name, in files and in the program itself.
struct ThemeLibrary {
  /// The folders that hold theme files, looked through in this order.
  let folders: [String]

  /// The name that means: choose by the terminal's background.
  static let automatic = "auto"

  /// The folders of the user, beside the program, and below the working directory.
  static var usual: ThemeLibrary {
    let beside = ThisProcess.programFolder.map { "\($0)/../share/dnat-console/themes" }
    let own = SettingsStore.usual.folder.map { "\($0)/themes" }
    return ThemeLibrary(folders: [own, beside, "themes"].compactMap { $0 })
  }

  /// The names of all themes there are, in order.
  var names: [String] {
    let files = folders.flatMap { (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? [] }
    let names = files.filter { $0.hasSuffix(".toml") }.map { String($0.dropLast(5)) }
    return Set(names + [BuiltinTheme.name]).sorted()
  }

  /// What was found: the theme, and what is to be said about its file.
  struct Found {
    var theme: Theme
    var warnings: [String] = []
    /// The file that it was read from; nil if it is part of the program.
    var file: String?
    /// Whether it stands for one that is not there or cannot be read.
    var isFallback = false
  }

  /// The theme of that name, or in that file if the name is a path.
  ///
  /// There always is one: what is wrong with the one asked for is in the warnings.
  func find(_ name: String) -> Found {
    if name.contains("/") {
      return read(name, named: name) ?? missing("there is no theme file \(name)")
    }
    for folder in folders {
      if let found = read("\(folder)/\(name).toml", named: name) { return found }
    }
    if name == BuiltinTheme.name { return Found(theme: Self.builtin) }
    return missing(
      "there is no theme '\(name)'; the themes are the files \(folders.last ?? "")/NAME.toml")
  }

  /// The theme that is part of the program.
  static var builtin: Theme {
    let file = try? ThemeFile(
      text: BuiltinTheme.text, file: BuiltinTheme.name, named: BuiltinTheme.name)
    return file?.theme ?? Theme(name: BuiltinTheme.name)
  }

  private func missing(_ message: String) -> Found {
    Found(theme: Self.builtin, warnings: [message], isFallback: true)
  }

  // Nil if there is no such file.
  private func read(_ path: String, named name: String) -> Found? {
    guard let text = try? File.readText(path, limit: 1 << 20) else { return nil }
    do {
      let file = try ThemeFile(text: text, file: path, named: name, base: inherited(by: name))
      return Found(theme: file.theme, warnings: file.warnings.map(\.description), file: path)
    } catch {
      return Found(
        theme: Self.builtin, warnings: [error.description], file: path, isFallback: true)
    }
  }

  // Only one step up, so that themes cannot inherit from each other in a circle.
  private func inherited(by name: String) -> (String) -> Theme? {
    { parent in
      guard parent != name else { return nil }
      for folder in folders {
        guard let text = try? File.readText("\(folder)/\(parent).toml", limit: 1 << 20) else {
          continue
        }
        return (try? ThemeFile(text: text, file: parent, named: parent))?.theme
      }
      return parent == BuiltinTheme.name ? Self.builtin : nil
    }
  }
}
