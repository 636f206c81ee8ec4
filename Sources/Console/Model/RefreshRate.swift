/// How often the console looks at the router, unless a key or a change makes it look at once.
enum RefreshRate: String, CaseIterable, Sendable {
  case everyFiveSeconds = "0.2"
  case everyTwoSeconds = "0.5"
  case everySecond = "1"
  case twice = "2"
  case fiveTimes = "5"
  case tenTimes = "10"

  /// The time between two looks, nanoseconds.
  var interval: UInt64 {
    switch self {
    case .everyFiveSeconds: 5 * Moment.second
    case .everyTwoSeconds: 2 * Moment.second
    case .everySecond: Moment.second
    case .twice: Moment.second / 2
    case .fiveTimes: Moment.second / 5
    case .tenTimes: Moment.second / 10
    }
  }

  /// As the settings write it.
  var title: String { "\(rawValue) Hz" }
}

extension Model {
  /// The time between two looks at the router, nanoseconds: as the user wants it, and as the line to
  /// the terminal bears it.
  var lookInterval: UInt64 { max(preferences.refresh.interval, line.interval) }

  /// The time between two ticks, nanoseconds: at most a second, so that answers to actions go in time
  /// and a lost engine is looked for, however rarely the rows are.
  var tickInterval: UInt64 { min(lookInterval, Moment.second) }

  /// Whether a tick is to look at the router: with slow rates only some are.
  var isRefreshDue: Bool {
    let interval = lookInterval
    // Ticks are not exact: the one that is next to the moment counts.
    return interval <= Moment.second || now.since(refreshedAt) + Moment.second / 2 >= interval
  }
}
