internal import Configuration
internal import Daemon
internal import Engine
internal import Logging
internal import Net

/// The engine in this process, until a signal or an operator ends it.
struct HeadlessEngine {
  /// The configuration file, and what is in it.
  let file: String
  let configuration: RouterConfiguration
  /// Where somebody waits to hear that the engine is ready, or why it is not.
  let report: StartReport?

  func run() throws {
    // Before anything that might start a thread.
    Engine.blockSignals()
    let keys = try configuration.readKeys()
    let threshold = LogThreshold(Logger.Level(rawValue: configuration.logLevel) ?? .info)
    let output = LogOutput()
    let log = DaemonLog.logger(program: "dnat-console", threshold: threshold, output: output)
    do {
      let engine = try Engine(
        configuration, at: file, keys: keys, supervision: Supervision(), threshold: threshold,
        log: log)
      if let report {
        // The terminal is the console's from now on.
        try output.keep(in: DetachedEngine.logFile(configuration))
        report.succeed()
      }
      engine.run()
    } catch let error as EngineError {
      report?.fail(error.description)
      throw Failure(.failed, error.description)
    }
  }
}

/// The engine's end of the pipe to the `run` that started it.
struct StartReport {
  /// What a ready engine says; anything else is the reason why there is none.
  static let ready = "ready\n"

  private let descriptor: Int32

  /// Takes over a descriptor of this process.
  init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// Says that the engine forwards.
  func succeed() {
    say(Self.ready)
  }

  /// Says why there is no engine.
  func fail(_ reason: String) {
    say(reason)
  }

  private func say(_ text: String) {
    // Whoever waits may have gone; the descriptor is closed by the end of the scope.
    let pipe = FileDescriptor(owning: descriptor)
    _ = try? pipe.write(text.utf8)
  }
}
