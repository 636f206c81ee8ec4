internal import Engine
internal import Net

/// How far off the moments of the contract are, for tables.
struct Age {
  /// Seconds since 1970.
  private let now = MonotonicClock.wallClockSeconds()

  /// How long ago a moment in RFC 3339 was; empty for nil.
  func since(_ moment: String?) -> String {
    moment.flatMap { Timestamp.seconds($0) }.map { Format.duration(Double(now - $0)) } ?? ""
  }

  /// How far ahead a moment in RFC 3339 is; empty for nil.
  func until(_ moment: String?) -> String {
    moment.flatMap { Timestamp.seconds($0) }.map { Format.duration(Double($0 - now)) } ?? ""
  }
}
