/// Lets one frame at a time be on its way to the terminal.
///
/// A status query (ECMA-48's DSR, `CSI 5 n`) ends each frame. Its answer says that the terminal has
/// shown all that went before, so nothing piles up on a slow line, and what is on the screen is never
/// older than one frame.
struct FramePacer {
  /// The query that ends a frame.
  static let query = Array("\u{1b}[5n".utf8)
  /// How long an answer is waited for at first, nanoseconds.
  static let firstPatience = 2 * Moment.second
  private static let mostPatience = 32 * Moment.second
  /// The intervals between periodic frames that a line may impose, nanoseconds.
  static let intervals = [
    Moment.second / 10, Moment.second / 2, Moment.second, 5 * Moment.second,
  ]

  /// Whether queries are sent and answers waited for.
  private(set) var isOn: Bool
  /// The time between the last frame and its answer, nanoseconds; nil while nothing is known.
  private(set) var roundTrip: UInt64?
  /// The shortest interval between periodic frames that the line bears, nanoseconds.
  private(set) var interval = intervals[0]
  private var patience = firstPatience
  // Frames that were not answered yet, oldest first.
  private var waiting: [(sent: UInt64, isPeriodic: Bool)] = []
  // Round trips in a row that were short enough for the next faster interval.
  private var quick = 0

  /// - Parameter isOn: Whether the terminal is one that may know the query.
  init(isOn: Bool) {
    self.isOn = isOn
  }

  /// Whether the terminal has shown all frames, as far as that can be known.
  var isClear: Bool { waiting.isEmpty }

  /// When the next answer is overdue, monotonic nanoseconds; nil if none is waited for.
  var deadline: UInt64? { waiting.first.map { $0.sent + patience } }

  /// Notes that a frame was sent with the query at its end.
  mutating func frameSent(at time: UInt64, isPeriodic: Bool) {
    guard isOn else { return }
    waiting.append((time, isPeriodic))
  }

  /// Takes an answer in.
  mutating func answered(at time: UInt64) {
    guard isOn else {
      // It knows the query after all, only the line is slow.
      isOn = true
      patience = min(2 * patience, Self.mostPatience)
      return
    }
    guard !waiting.isEmpty else { return }
    let frame = waiting.removeFirst()
    let roundTrip = time > frame.sent ? time - frame.sent : 0
    self.roundTrip = roundTrip
    if frame.isPeriodic { adapt(to: roundTrip) }
  }

  /// Gives up on a terminal that does not answer.
  mutating func expire(at time: UInt64) {
    guard let deadline, time >= deadline else { return }
    isOn = false
    waiting = []
    roundTrip = nil
    interval = Self.intervals[0]
  }

  /// Starts again, as with a terminal that is not known yet.
  mutating func restart(isOn: Bool) {
    self = FramePacer(isOn: isOn)
  }

  // Slower at once, faster after a while.
  private mutating func adapt(to roundTrip: UInt64) {
    let borne = Self.intervals.first { roundTrip <= $0 } ?? Self.intervals[Self.intervals.count - 1]
    if borne >= interval {
      interval = borne
      quick = 0
    } else {
      quick += 1
      guard quick >= 3 else { return }
      interval = Self.intervals.last { $0 < interval } ?? borne
      quick = 0
    }
  }
}
