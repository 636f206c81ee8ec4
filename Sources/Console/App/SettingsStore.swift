internal import Configuration
internal import Net

/// The user's files: console.toml with the keys, which the user writes, and state.toml with what was
/// chosen on the screen, which the console writes.
struct SettingsStore {
  /// Their folder; nil if the environment names no home.
  let folder: String?

  private static let longestFile = 1 << 20

  /// The folder that the environment names (XDG Base Directory Specification).
  static var usual: SettingsStore {
    let configured = ThisProcess.environment("XDG_CONFIG_HOME").flatMap(absolute)
    let home = ThisProcess.environment("HOME").flatMap(absolute).map { "\($0)/.config" }
    return SettingsStore(folder: (configured ?? home).map { "\($0)/dnat-console" })
  }

  // The specification has relative paths ignored.
  private static func absolute(_ path: String) -> String? {
    path.hasPrefix("/") && path != "/" ? path : nil
  }

  var keysFile: String? { folder.map { "\($0)/console.toml" } }
  var stateFile: String? { folder.map { "\($0)/state.toml" } }

  /// What the files say.
  struct Loaded {
    var keymap = Keymap.standard
    var preferences = Preferences()
    /// What is wrong with them, one sentence each.
    var warnings: [String] = []
  }

  /// Reads both files; one that is not there says nothing.
  func load() -> Loaded {
    var loaded = Loaded()
    if let keysFile, let text = read(keysFile, &loaded.warnings) {
      do throws(ConfigurationError) {
        let file = try KeymapFile(text: text, file: keysFile)
        loaded.keymap = file.keymap
        loaded.warnings += file.problems.map(\.description)
      } catch {
        loaded.warnings += error.problems.map(\.description)
      }
    }
    if let stateFile, let text = read(stateFile, &loaded.warnings) {
      let (preferences, problems) = PreferencesFile.read(text, file: stateFile)
      loaded.preferences = preferences
      loaded.warnings += problems.map(\.description)
    }
    return loaded
  }

  /// Writes what was changed since `base` into state.toml, beside what other consoles have written
  /// there: at each moment it holds all of the old or all of the new.
  func save(_ preferences: Preferences, since base: Preferences) throws(SystemError) {
    guard let folder, let stateFile else { return }
    let parent = folder.split(separator: "/").dropLast().joined(separator: "/")
    try File.makeDirectory("/\(parent)", mode: 0o700)
    try File.makeDirectory(folder, mode: 0o700)
    let merged = preferences.merged(since: base, into: load().preferences)
    let text = PreferencesFile.text(of: merged)
    try File.replace(stateFile, with: text.utf8, mode: 0o600)
  }

  /// Where things are kept, for the settings' screen.
  var words: [String] {
    guard let keysFile, let stateFile else {
      return ["Nothing is kept: the environment has no HOME."]
    }
    return ["Kept in \(stateFile)", "Keys are bound in \(keysFile)"]
  }

  // A file that others could write decides nothing.
  private func read(_ path: String, _ warnings: inout [String]) -> String? {
    do throws(SystemError) {
      _ = try File.status(path)
    } catch {
      return nil
    }
    do throws(ProtectedFileError) {
      let octets = try ProtectedFile.read(path, .notWritable, limit: Self.longestFile)
      return String(decoding: octets, as: UTF8.self)
    } catch {
      warnings.append("\(path): \(error.description)")
      return nil
    }
  }
}
