/// Something that an operator must know before anything else.
package struct Alarm: Hashable, Sendable {
  /// What is wrong: a word for programs.
  package enum Code: String, CaseIterable, Sendable {
    /// What is done now would not survive a restart.
    case storeNotDurable = "store-not-durable"
    /// Somebody has all that there is for him, or for all.
    case limitReached = "limit-reached"
    /// More new IKE exchanges than a responder is let have.
    case ikeFlood = "ike-flood"
    /// Drops are counted, but not all can be looked at.
    case dropRingOverflow = "drop-ring-overflow"
    /// Hosts need not prove who they are.
    case authenticationOff = "authentication-off"
  }

  package let code: Code
  /// For people: what is the matter, in one line.
  package var text: String
  package let since: Instant
}

/// The alarms that are on, each since it began.
///
/// One that is over stays on for `holdTime`, so that what comes and goes is seen, and once.
package struct AlarmBook: Sendable {
  /// Nanoseconds.
  package static let holdTime: UInt64 = 10_000_000_000

  private var on: [Alarm.Code: (alarm: Alarm, lastSeen: UInt64)] = [:]

  /// Makes a book without alarms.
  package init() {}

  /// The alarms, the gravest first.
  package var alarms: [Alarm] { Alarm.Code.allCases.compactMap { on[$0]?.alarm } }

  /// Takes in what is wrong now, with its text.
  ///
  /// - Returns: whether an alarm has begun or ended.
  @discardableResult
  package mutating func update(_ wrong: [Alarm.Code: String], at now: Instant) -> Bool {
    let before = Set(on.keys)
    for (code, text) in wrong {
      var alarm = on[code]?.alarm ?? Alarm(code: code, text: text, since: now)
      alarm.text = text
      on[code] = (alarm, now.monotonic)
    }
    on = on.filter { now.monotonic < $0.value.lastSeen &+ Self.holdTime || wrong[$0.key] != nil }
    return Set(on.keys) != before
  }
}
