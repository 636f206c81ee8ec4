/// A moment of the monotonic clock.
struct Moment: Hashable, Comparable, Sendable {
  /// Before every other moment: what is due then is due now.
  static let zero = Moment(nanoseconds: 0)
  /// After every other moment: what is due then is never due.
  static let never = Moment(nanoseconds: .max)

  /// Nanoseconds since some moment before the system's start.
  var nanoseconds: UInt64

  /// Makes a moment.
  init(nanoseconds: UInt64) {
    self.nanoseconds = nanoseconds
  }

  /// The moment so many seconds later; `never` where the clock cannot count that far.
  func advanced(bySeconds seconds: Double) -> Moment {
    // Under 2^63 ns, so that the sum below is right or overflows visibly.
    let span = UInt64(max(0, min(seconds, 9e9)) * 1e9)
    let (sum, overflow) = nanoseconds.addingReportingOverflow(span)
    return overflow ? .never : Moment(nanoseconds: sum)
  }

  /// Seconds from `earlier` to this moment; 0 if it comes later.
  func seconds(since earlier: Moment) -> Double {
    earlier < self ? Double(nanoseconds - earlier.nanoseconds) / 1e9 : 0
  }

  static func < (left: Moment, right: Moment) -> Bool { left.nanoseconds < right.nanoseconds }
}
