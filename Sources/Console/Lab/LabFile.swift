internal import FoundationEssentials
internal import Net

/// Files and folders of a lab.
enum LabFile {
  /// Makes a folder and those above it.
  static func makeFolder(_ path: String, mode: Int = 0o750) throws {
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: mode])
  }

  /// Makes a file that only its owner can read, since most carry a secret.
  static func write(_ path: String, _ text: String) throws {
    try File.replace(path, with: text.utf8, mode: 0o600)
  }

  /// Copies a program.
  static func copyProgram(_ source: String, to target: String) throws {
    try FileManager.default.copyItem(atPath: source, toPath: target)
  }

  /// The last lines of a log; empty if there is none.
  static func tail(_ path: String, lines count: Int = 12) -> String {
    let text = (try? File.readText(path)) ?? ""
    return text.split(separator: "\n").suffix(count).joined(separator: "\n")
  }

  /// Removes a folder with all in it, or a file.
  static func remove(_ path: String) throws {
    if FileManager.default.fileExists(atPath: path) {
      try FileManager.default.removeItem(atPath: path)
    }
  }
}
