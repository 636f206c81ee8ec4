/// A limit to so many events a second with some in a row, as one number: the moment from which on
/// the full burst is free again (the "generic cell rate algorithm", ITU-T I.371).
///
/// Times in nanoseconds.
struct EventRate {
  /// From one event to the next at the rate itself.
  let interval: UInt64
  /// How far ahead of the clock the state may be for one more event to be admitted.
  let tolerance: UInt64

  /// Admits `perSecond` events in the long run, and up to `burst` in a row.
  init(perSecond: UInt64, burst: UInt64) {
    precondition(perSecond > 0 && burst > 0, "a limit admits something")
    interval = 1_000_000_000 / perSecond
    tolerance = interval * (burst - 1)
  }

  /// The state after one more event, or nil if it is one too many.
  @inline(__always)
  func admit(_ state: UInt64, now: UInt64) -> UInt64? {
    let start = max(state, now)
    return start &- now <= tolerance ? start &+ interval : nil
  }
}

/// One thing that happens at a limited rate.
struct EventLimiter {
  private let limit: EventRate
  private var state: UInt64 = 0

  init(_ limit: EventRate) { self.limit = limit }

  mutating func admit(now: UInt64) -> Bool {
    guard let next = limit.admit(state, now: now) else { return false }
    state = next
    return true
  }
}
