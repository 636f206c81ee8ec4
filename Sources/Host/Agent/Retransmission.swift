/// When an unanswered request is sent again (pap.md, section 2).
struct Retransmission: Sendable {
  /// What to do now.
  enum Step: Equatable, Sendable {
    case wait
    case resend
    /// Nobody answers: say so, and go on trying.
    case reportSilence
  }

  /// Seconds to wait before each of the first retransmissions.
  static let waits = [0.25, 0.5, 1, 2, 4, 4]
  /// Seconds to wait for an answer to the last of these.
  static let lastWait = 4.0
  /// Seconds between later attempts.
  static let slowWait = 30.0

  private var waited = 0
  /// When to do the next step.
  private(set) var due: Moment

  /// Starts when the request is sent for the first time.
  init(sentAt now: Moment, jitter: Double) {
    due = now.advanced(bySeconds: Self.waits[0] * jitter)
  }

  /// Whether silence was reported and the attempts are slow.
  var isSlow: Bool { waited > Self.waits.count }

  /// What is to be done at `now`; the next step is then another one.
  mutating func step(now: Moment, jitter: Double) -> Step {
    guard now >= due else { return .wait }
    waited += 1
    let seconds =
      switch waited {
      case ..<Self.waits.count: Self.waits[waited]
      case Self.waits.count: Self.lastWait
      default: Self.slowWait
      }
    due = now.advanced(bySeconds: seconds * jitter)
    return waited == Self.waits.count + 1 ? .reportSilence : .resend
  }
}
