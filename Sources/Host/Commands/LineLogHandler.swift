internal import FoundationEssentials
internal import Logging
internal import Net
internal import PAP

/// One line on standard error for each message: time, level, text.
struct LineLogHandler: LogHandler {
  let label: String
  var logLevel = Logger.Level.info
  var metadata: Logger.Metadata = [:]

  /// Makes a handler.
  init(label: String) {
    self.label = label
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let time = Date(timeIntervalSince1970: Double(MonotonicClock.wallClock()) / 1e9)
      .formatted(.iso8601)
    StandardStream.error.write("\(time) \(event.level) \(event.message.description.terminalSafe)\n")
  }
}
