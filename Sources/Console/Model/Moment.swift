/// A reading of both clocks, as every event carries it.
struct Moment: Equatable, Sendable {
  /// Nanoseconds of the monotonic clock: for intervals.
  var monotonic: UInt64
  /// Seconds since 1970 of the wall clock: for the eye, and for ages of what the router dates.
  var wall: Double

  /// Nanoseconds in a second.
  static let second: UInt64 = 1_000_000_000
  /// Nanoseconds in a millisecond.
  static let millisecond: UInt64 = 1_000_000

  /// Nanoseconds since an earlier reading; 0 if it was not earlier.
  func since(_ earlier: UInt64) -> UInt64 {
    monotonic > earlier ? monotonic - earlier : 0
  }
}
