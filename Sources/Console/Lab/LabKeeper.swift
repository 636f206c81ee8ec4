internal import Net

/// A process of its own that takes a lab down if the one that brings it up dies.
///
/// It reads a pipe whose writing end only the starter has. The pipe closes when the starter ends,
/// however it ends; unless the starter has written `keep` before, the lab goes.
struct LabKeeper {
  private static let word = Array("keep\n".utf8)
  private static let patience = 60.0
  /// How long a program that the dead starter was running may still make something of the lab.
  private static let aftermath = 0.5

  private let process: ChildProcess

  /// Starts the keeper of a lab.
  init(of name: LabName) throws {
    var spawn = Spawn([ThisProcess.executablePath, "lab", "keeper", "--name", name.text])
    spawn.newSession = true
    spawn.standardInput = .pipe
    spawn.standardOutput = .null
    spawn.standardError = .null
    process = try spawn.start()
  }

  /// Ends the keeper and leaves the lab as it is.
  func dismiss() throws {
    _ = try process.standardInput?.write(Self.word)
    process.standardInput?.close()
    _ = try process.wait(atMost: 5)
  }

  /// What the keeper's process does: waits on its standard input, then acts.
  static func keep(_ name: LabName) throws {
    var said: [UInt8] = []
    while let more = try FileDescriptor.read(0), !more.isEmpty { said += more }
    guard said != word else { return }
    let lock = try LabLock(name, atMost: patience)
    defer { withExtendedLifetime(lock) {} }
    try LabTeardown(name: name).run()
    _ = try Readiness.wait(on: [], atMost: aftermath)
    try LabTeardown(name: name).run()
  }
}
