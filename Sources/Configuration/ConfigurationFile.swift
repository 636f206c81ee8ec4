internal import Net

/// Reads configuration files, which nobody but their owner may be able to write.
enum ConfigurationFile {
  static func read(_ path: String, limit: Int) throws(ConfigurationError) -> [UInt8] {
    do {
      return try ProtectedFile.read(path, .notWritable, limit: limit)
    } catch {
      throw ConfigurationError(ConfigurationProblem(file: path, message: error.description))
    }
  }

  /// A path that a configuration file gives: one that is not absolute starts beside the file.
  static func resolve(_ path: String, beside file: String) -> String {
    guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
    return file[...slash] + path
  }
}
