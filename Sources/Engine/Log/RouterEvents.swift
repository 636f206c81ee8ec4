/// The newest things that the router did of itself and that an operator may want to know: what its log
/// says, less the ordinary course of every message.
///
/// Bounded, and in memory only: what operators do is in the audit log.
package struct RouterEvents: Sendable {
  /// One event.
  package struct Event: Hashable, Sendable {
    /// Nanoseconds since 1970.
    package let time: UInt64
    package let level: LogLine.Level
    package let text: String
  }

  /// Events that are kept.
  package static let capacity = 1_000

  /// The events, oldest first.
  package private(set) var all: [Event] = []

  /// Makes an empty list.
  package init() {}

  /// Adds a line of the log, if it is worth it.
  package mutating func add(_ line: LogLine, at time: UInt64) {
    guard line.level != .debug else { return }
    all.append(Event(time: time, level: line.level, text: line.text))
    // Not each time: to move all of them costs more than to keep some more.
    if all.count >= Self.capacity + Self.capacity / 4 {
      all.removeFirst(all.count - Self.capacity)
    }
  }
}
