/// The state of one cell of a learned table, in one word.
///
///      63     48 47   46 45      40 39                         0
///     +---------+-------+----------+---------------------------+
///     |  host   | phase | version  |   time, units of 2^20 ns  |
///     +---------+-------+----------+---------------------------+
///
/// The version counts reservations. With the time, which only goes on, it keeps a thread that slept
/// from taking a later state for the one that it saw.
struct LearnedState: Equatable {
  let rawValue: UInt64

  enum Phase: UInt64 {
    case free, reserved, tentative, live
  }

  private static let hostShift: UInt64 = 48
  private static let phaseShift: UInt64 = 46
  private static let phaseMask: UInt64 = 3 << phaseShift
  private static let versionUnit: UInt64 = 1 << 40
  private static let versionMask: UInt64 = 0x3f << 40
  private static let timeMask: UInt64 = versionUnit - 1

  init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Nanoseconds in the units of the word: about a thousandth of a second, enough for 36 years.
  static func time(_ nanoseconds: UInt64) -> UInt64 { nanoseconds >> 20 & timeMask }

  var host: UInt16 { UInt16(rawValue >> Self.hostShift) }
  var phase: Phase { Phase(rawValue: (rawValue & Self.phaseMask) >> Self.phaseShift) ?? .reserved }
  var isLive: Bool { phase == .live }
  /// Whether the cell's key may be read.
  var isVisible: Bool { rawValue >> Self.phaseShift & 2 != 0 }

  /// Units since the owner was seen; 0 if another thread's clock was read later than this one's.
  func age(_ now: UInt64) -> UInt64 {
    let (now, then) = (Self.time(now), rawValue & Self.timeMask)
    return now > then ? now - then : 0
  }

  func with(_ phase: Phase) -> LearnedState {
    LearnedState(rawValue: rawValue & ~Self.phaseMask | phase.rawValue << Self.phaseShift)
  }

  func seen(_ now: UInt64) -> LearnedState {
    LearnedState(rawValue: rawValue & ~Self.timeMask | Self.time(now))
  }

  /// The next reservation of the cell.
  func reserved(for host: UInt16, _ now: UInt64) -> LearnedState {
    let version = (rawValue &+ Self.versionUnit) & Self.versionMask
    let state = UInt64(host) << Self.hostShift | version | Self.time(now)
    return LearnedState(rawValue: state).with(.reserved)
  }
}
