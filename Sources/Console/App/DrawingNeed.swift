/// Whether the screen is to be drawn, and how soon.
///
/// What somebody waits for is drawn at once. The rest is a frame of its own pace: one for all answers
/// to one look at the router, and none before the terminal has shown the one before.
struct DrawingNeed {
  private enum Urgency {
    case none
    /// When everything has been answered, and in any case at a time (monotonic nanoseconds); if
    /// nobody waits for it, not before the terminal has shown the last frame.
    case gathering(until: UInt64, isPeriodic: Bool)
    case atOnce
  }

  /// How long the answers to one periodic look are waited for, nanoseconds.
  static let gathering = 100 * Moment.millisecond
  /// How long the answers to what a key has asked are, after the first of them.
  static let shortGathering = 15 * Moment.millisecond

  private var urgency = Urgency.atOnce
  // The requests that a key has made.
  private var awaited: Set<Int> = []

  /// Notes an event that is handled, and the requests that it makes.
  mutating func note(_ event: Event, asking: some Sequence<Int>, at time: UInt64) {
    switch event {
    case .key, .paste, .mouse, .resize, .linked, .exported:
      urgency = .atOnce
      awaited.formUnion(asking)
    case .reply(let id, _) where awaited.remove(id) != nil:
      awaited.formUnion(asking)
      answered(at: time)
    case .reply, .tick, .unlinked, .changed, .warning:
      guard case .none = urgency else { return }
      urgency = .gathering(until: time + Self.gathering, isPeriodic: true)
    }
  }

  private mutating func answered(at time: UInt64) {
    if awaited.isEmpty {
      urgency = .atOnce
      return
    }
    switch urgency {
    case .atOnce, .gathering(_, isPeriodic: false): break
    default: urgency = .gathering(until: time + Self.shortGathering, isPeriodic: false)
    }
  }

  /// Has the screen drawn at once.
  mutating func insist() { urgency = .atOnce }

  /// Forgets what was asked: the router that was asked has gone.
  mutating func forgetAwaited() { awaited = [] }

  /// Whether the frame that is due is one that nobody waits for.
  var isPeriodic: Bool {
    if case .gathering(_, let isPeriodic) = urgency { isPeriodic } else { false }
  }

  /// Whether to draw at a time (monotonic nanoseconds), given whether the terminal has shown all frames
  /// and whether the router has answered everything.
  func isDue(isClear: Bool, isAnswered: Bool, at time: UInt64) -> Bool {
    switch urgency {
    case .none: false
    case .gathering(let until, let isPeriodic):
      (isClear || !isPeriodic) && (isAnswered || time >= until)
    case .atOnce: true
    }
  }

  /// When `isDue` is to be asked again though nothing happens, monotonic nanoseconds; nil for not
  /// before something does.
  func deadline(after time: UInt64) -> UInt64? {
    if case .gathering(let until, _) = urgency, until > time { until } else { nil }
  }

  /// Notes that the screen was drawn.
  mutating func drawn() { urgency = .none }
}
