internal import Net

/// How long a worker goes on asking for packets after the last one, before it sleeps.
///
/// To be woken costs a packet more time than all the work on it, and to ask in vain costs others the
/// processor. So the time is doubled when a packet came while asking, and halved when none did.
struct Patience {
  /// Nanoseconds to ask for; at least `least`, so that it can grow again.
  private var span = greatest
  private var since: UInt64?

  private static let least: UInt64 = 2_000
  /// About what a wake-up on another processor takes.
  private static let greatest: UInt64 = 40_000

  init() {}

  /// A batch was read.
  mutating func sawTraffic() {
    // The first packet after a sleep tells nothing; one after a vain question says it was worth it.
    if since != nil { span = min(span * 2, Self.greatest) }
    since = nil
  }

  /// Nothing was read: whether it is time to sleep.
  mutating func isExhausted(now: UInt64) -> Bool {
    guard let since else {
      self.since = now
      return false
    }
    guard now &- since > span else { return false }
    span = max(span / 2, Self.least)
    return true
  }

  /// Awake again.
  mutating func restart() { since = nil }
}
