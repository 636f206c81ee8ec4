/// A moment, as the caller's clocks show it.
///
/// Deadlines go by the monotonic clock only; the wall clock is for people to read, so that setting it
/// ends no lease early or late.
package struct Instant: Hashable, Sendable {
  /// Nanoseconds of the monotonic clock.
  package var monotonic: UInt64
  /// Nanoseconds since 1970-01-01 00:00 UTC.
  package var wallClock: UInt64

  /// Makes a moment from the two clocks, both in nanoseconds.
  package init(monotonic: UInt64, wallClock: UInt64) {
    self.monotonic = monotonic
    self.wallClock = wallClock
  }

  /// The wall clock, in nanoseconds since 1970, at another moment of the monotonic clock, if nobody
  /// sets it in between.
  package func wallClock(at monotonic: UInt64) -> UInt64 {
    if monotonic >= self.monotonic { return wallClock &+ (monotonic - self.monotonic) }
    let ago = self.monotonic - monotonic
    return wallClock > ago ? wallClock - ago : 0
  }

  /// The monotonic moment that lies `seconds` ahead, or the end of time if that is out of range.
  func deadline(after seconds: some BinaryInteger) -> UInt64 {
    monotonic.advanced(bySeconds: UInt64(clamping: seconds))
  }
}

extension UInt64 {
  /// Nanoseconds in a second.
  static let second: UInt64 = 1_000_000_000

  /// A monotonic moment moved into the future; it sticks at the end of time.
  func advanced(bySeconds seconds: UInt64) -> UInt64 {
    let (length, tooLong) = seconds.multipliedReportingOverflow(by: .second)
    let (moment, tooLate) = addingReportingOverflow(length)
    return tooLong || tooLate ? .max : moment
  }

  /// Whole seconds from this monotonic moment until a later one, rounded down; 0 if that has passed.
  func seconds(until later: UInt64) -> UInt32 {
    later > self ? UInt32(clamping: (later - self) / .second) : 0
  }
}
