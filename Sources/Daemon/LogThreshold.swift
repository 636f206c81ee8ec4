package import Logging
internal import Synchronization

/// The level from which on a daemon logs, which can change while it runs: every copy of its logger
/// goes by it.
package final class LogThreshold: Sendable {
  /// The place of the level in the order of all.
  private let place: Atomic<Int>

  /// Makes a threshold.
  package init(_ level: Logger.Level) {
    place = Atomic(Self.place(of: level))
  }

  /// The lowest level that is logged.
  package var level: Logger.Level {
    get { Logger.Level.allCases[place.load(ordering: .relaxed)] }
    set { place.store(Self.place(of: newValue), ordering: .relaxed) }
  }

  private static func place(of level: Logger.Level) -> Int {
    Logger.Level.allCases.firstIndex(of: level) ?? 0
  }
}
