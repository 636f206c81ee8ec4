package import Logging
internal import Net
internal import PAP

/// A daemon's log: entries in the system's journal when standard error leads there, else one line for
/// each event on standard error: time, level, text.
///
/// What could act on a terminal is escaped.
///
/// For the control plane only: nothing that packets wait for may log.
package struct DaemonLog: LogHandler {
  package var metadata: Logger.Metadata = [:]
  private let threshold: LogThreshold
  private let journal: Journal?
  private let output: LogOutput

  /// Makes a program's logger, from a level up.
  package static func logger(program: String, level: Logger.Level) -> Logger {
    logger(program: program, threshold: LogThreshold(level))
  }

  /// Makes a program's logger, from a level up that can change.
  package static func logger(
    program: String, threshold: LogThreshold, output: LogOutput = LogOutput()
  ) -> Logger {
    let journal = Journal(identifier: program)
    return Logger(label: program) { _ in
      DaemonLog(threshold: threshold, journal: journal, output: output)
    }
  }

  private init(threshold: LogThreshold, journal: Journal?, output: LogOutput) {
    self.threshold = threshold
    self.journal = journal
    self.output = output
  }

  /// The level of every copy.
  package var logLevel: Logger.Level {
    get { threshold.level }
    set { threshold.level = newValue }
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    let fields = metadata.merging(event.metadata ?? [:]) { _, own in own }
      .sorted { $0.key < $1.key }.map { (name: $0.key, value: "\($0.value)") }
    if journal?.write(event.level, event.message.description, fields) == true { return }
    let line = Self.line(
      level: event.level.rawValue,
      text: event.message.description + fields.map { " \($0.name)=\($0.value)" }.joined(),
      wallClock: MonotonicClock.wallClock())
    output.write(line)
  }

  /// One line with its end.
  static func line(level: String, text: String, wallClock: UInt64) -> String {
    "\(Timestamp.text(wallClock)) \(level) \(text.terminalSafe)\n"
  }
}
