internal import Configuration
internal import Net
internal import PAP

/// An engine that this process starts and that outlives it.
struct DetachedEngine {
  /// The configuration file, and what is in it.
  let file: String
  let configuration: RouterConfiguration

  /// Seconds until an engine that says nothing is given up.
  private static let patience = 30.0

  /// Where an engine without a terminal writes its log.
  static func logFile(_ configuration: RouterConfiguration) -> String {
    configuration.controlSocket + ".log"
  }

  /// Starts the engine and returns when it forwards.
  func start() throws {
    // What is wrong with the keys is said here, with line and key.
    _ = try configuration.readKeys()
    let pipe = try FileDescriptor.pipe()
    // It warns on the terminal until it is ready, before the console covers that.
    var spawn = Spawn([
      "dnat-console", "run", "--headless", "--config", file, "--ready-descriptor", "3",
    ])
    spawn.program = ThisProcess.executablePath
    spawn.standardInput = .null
    spawn.standardOutput = .null
    spawn.newSession = true
    spawn.extraDescriptors = [pipe.writer.rawValue]
    let ends = pipe.release()
    let reader = FileDescriptor(owning: ends.reader)
    let engine: ChildProcess
    do {
      // Closed when the engine has its own, so that its death ends the pipe.
      let writer = FileDescriptor(owning: ends.writer)
      engine = try spawn.start()
      _ = consume writer
    }
    try awaitReport(reader, engine)
  }

  private func awaitReport(
    _ reader: borrowing FileDescriptor, _ engine: ChildProcess
  ) throws {
    let answer = try report(reader)
    if answer == StartReport.ready { return }
    if answer == nil {
      try engine.terminate(killAfter: 5)
      throw Failure(.failed, "the engine did not start within \(Int(Self.patience)) s")
    }
    let end = try engine.wait(atMost: 5)
    let reason = answer.flatMap { $0.isEmpty ? nil : $0 }
    throw Failure(.failed, reason ?? "the engine \(end.map { "\($0)" } ?? "says nothing")")
  }

  // All that the engine says until it closes the pipe; nil if it does not in time.
  private func report(_ reader: borrowing FileDescriptor) throws(SystemError) -> String? {
    let deadline = MonotonicClock.now() + UInt64(Self.patience * 1e9)
    let descriptor = reader.rawValue
    var octets: [UInt8] = []
    while MonotonicClock.now() < deadline {
      let ready = try Readiness.wait(on: descriptor, for: .readable, atMost: 1)
      if ready.isEmpty { continue }
      guard let more = try FileDescriptor.read(descriptor, upTo: 4_096), !more.isEmpty else {
        return String(decoding: octets, as: UTF8.self)
      }
      octets += more
    }
    return nil
  }
}
