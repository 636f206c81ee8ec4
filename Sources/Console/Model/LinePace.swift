/// What the line to the terminal bears.
struct LinePace: Equatable, Sendable {
  /// The least time between two periodic frames, nanoseconds.
  var interval: UInt64 = Moment.second / 10
  /// From a frame to the terminal's answer that it has been shown, nanoseconds; nil while nothing is
  /// known.
  var roundTrip: UInt64?

  /// The round trip with one digit that counts, so that it is still while little changes; nil where it
  /// is too short to be felt.
  var shownRoundTrip: String? {
    guard let roundTrip, roundTrip >= 50 * Moment.millisecond else { return nil }
    var unit = 10 * Moment.millisecond
    while roundTrip >= 10 * unit { unit *= 10 }
    let milliseconds = (roundTrip / unit * unit) / Moment.millisecond
    return milliseconds < 1000
      ? "\(milliseconds)ms" : Format.duration(Double(milliseconds) / 1000)
  }
}
