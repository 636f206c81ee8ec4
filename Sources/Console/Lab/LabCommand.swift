internal import Net

/// Runs the small programs that build a lab.
enum LabCommand {
  private static let patience = 20.0

  /// Runs a program to its end.
  ///
  /// - Throws: `LabError.failed` with what it wrote on standard error.
  @discardableResult
  static func run(
    _ arguments: [String], input: String = "", in namespace: String? = nil
  ) throws -> Captured {
    var spawn = Spawn(arguments)
    spawn.networkNamespace = namespace
    let result = try spawn.capture(input: Array(input.utf8), atMost: patience)
    guard result.status.isSuccess else {
      let why = result.timedOut ? "did not end in time" : "\(result.status)"
      throw LabError.failed(
        "\(arguments.joined(separator: " ")) \(why)", detail: result.errorText)
    }
    return result
  }

  /// Runs many `ip` commands at once.
  static func ip(_ commands: String, in namespace: String? = nil) throws {
    try run(["ip", "-batch", "-"], input: commands, in: namespace)
  }

  /// Changes kernel settings of a namespace, each given as `key=value`.
  static func set(_ settings: [String], in namespace: String) throws {
    try NetworkNamespace.perform(in: namespace) { () throws(SystemError) in
      for setting in settings {
        let parts = setting.split(separator: "=", maxSplits: 1)
        try Sysctl.write(String(parts[0]), String(parts[1]))
      }
    }
  }
}
