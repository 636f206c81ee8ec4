package import Logging
internal import Net
internal import PAP

/// The engine's log: one line for each event on standard error, as a supervisor's journal or a file
/// takes it: time, level, text.
///
/// What could act on a terminal is escaped.
///
/// For the control plane only: nothing that packets wait for may log.
package struct LineLog: LogHandler {
  package var metadata: Logger.Metadata = [:]
  package var logLevel: Logger.Level

  /// Makes a logger for the engine, with one of `RouterConfiguration.logLevels`; `info` for any other.
  package static func logger(level: String) -> Logger {
    Logger(label: "dnat-console") { _ in
      LineLog(logLevel: Logger.Level(rawValue: level) ?? .info)
    }
  }

  private init(logLevel: Logger.Level) {
    self.logLevel = logLevel
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { _, own in own }
    let extra = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
    let line = Self.line(
      level: event.level.rawValue, text: "\(event.message)\(extra)",
      wallClock: MonotonicClock.wallClock())
    // Nobody is left to tell if this fails.
    _ = try? FileDescriptor.write(line.utf8, to: 2)
  }

  /// One line with its end.
  static func line(level: String, text: String, wallClock: UInt64) -> String {
    "\(Timestamp.text(wallClock)) \(level) \(text.terminalSafe)\n"
  }
}
