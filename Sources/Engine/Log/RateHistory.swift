/// What each of the last seconds brought, and over longer times each ten seconds and each ten minutes,
/// from counters that only grow.
///
/// Bounded: 60 seconds, 10 minutes in steps of 10 seconds, 24 hours in steps of 10 minutes.
package struct RateHistory: Sendable {
  /// The span of time that one remembered number stands for.
  package enum Resolution: Int, CaseIterable, Sendable {
    case second = 1
    case tenSeconds = 10
    case tenMinutes = 600

    /// Seconds in a span.
    package var seconds: Int { rawValue }
    /// Spans that are remembered.
    package var spans: Int { self == .tenMinutes ? 144 : 60 }
  }

  /// Seconds over which rates are means.
  package static let window = 5

  private var seconds = SpanRing(.second)
  private var tenSeconds = SpanRing(.tenSeconds)
  private var tenMinutes = SpanRing(.tenMinutes)
  private var last: Totals?
  private var lastTime: UInt64 = 0

  /// Makes an empty history.
  package init() {}

  /// Takes the counters as they are at a monotonic moment.
  ///
  /// To be called once a second; a call that comes late stands for as many seconds as have passed.
  package mutating func record(_ totals: Totals, at time: UInt64) {
    defer {
      last = totals
      lastTime = time
    }
    guard let last, time > lastTime else { return }
    let passed = max(1, Int(clamping: (time - lastTime + 500_000_000) / 1_000_000_000))
    let brought = totals.minus(last)
    seconds.add(brought, over: passed)
    tenSeconds.add(brought, over: passed)
    tenMinutes.add(brought, over: passed)
  }

  /// What the last `count` spans brought, oldest first; spans before the start brought nothing.
  ///
  /// The newest is not over yet, but for the one of a second.
  package func latest(_ count: Int, _ resolution: Resolution = .second) -> [Totals] {
    ring(resolution).latest(count)
  }

  /// The mean of one number over the last `window` seconds.
  package func perSecond(_ number: (Totals) -> UInt64) -> Double {
    let recent = seconds.known.suffix(Self.window)
    guard !recent.isEmpty else { return 0 }
    return Double(recent.reduce(0) { $0 &+ number($1) }) / Double(recent.count)
  }

  private func ring(_ resolution: Resolution) -> SpanRing {
    switch resolution {
    case .second: seconds
    case .tenSeconds: tenSeconds
    case .tenMinutes: tenMinutes
    }
  }
}

/// The newest spans of one length.
private struct SpanRing: Sendable {
  private let resolution: RateHistory.Resolution
  private var whole: [Totals] = []
  /// The span that is not over yet, and how many of its seconds are.
  private var begun = Totals()
  private var begunSeconds = 0

  init(_ resolution: RateHistory.Resolution) { self.resolution = resolution }

  /// The spans since the start, oldest first, that which has begun included.
  var known: [Totals] {
    (begunSeconds == 0 ? whole : whole + [begun]).suffix(resolution.spans)
  }

  func latest(_ count: Int) -> [Totals] {
    let wanted = max(0, min(count, resolution.spans))
    let known = known.suffix(wanted)
    return Array(repeating: Totals(), count: wanted - known.count) + known
  }

  /// Spreads what so many seconds brought over them; what cannot be divided came in the last.
  mutating func add(_ brought: Totals, over passed: Int) {
    let share = brought.divided(by: UInt64(passed))
    let last = brought.minus(share.times(UInt64(passed - 1)))
    // Of a longer time than the ring holds only the end is seen.
    let seen = min(passed, resolution.spans * resolution.seconds)
    for second in 1...seen { addSecond(second == seen ? last : share) }
  }

  private mutating func addSecond(_ brought: Totals) {
    begun = begun.plus(brought)
    begunSeconds += 1
    guard begunSeconds == resolution.seconds else { return }
    whole.append(begun)
    if whole.count > resolution.spans { whole.removeFirst(whole.count - resolution.spans) }
    begun = Totals()
    begunSeconds = 0
  }
}

extension Totals {
  private func combined(_ other: Totals, _ body: (UInt64, UInt64) -> UInt64) -> Totals {
    var result = Totals()
    for path in Self.plainNumbers {
      result[keyPath: path] = body(self[keyPath: path], other[keyPath: path])
    }
    result.drops = zip(drops, other.drops).map(body)
    return result
  }

  private static var plainNumbers: [WritableKeyPath<Totals, UInt64>] {
    [
      \.received, \.forwardedInbound, \.forwardedOutbound, \.answered, \.consumed, \.held,
      \.receivedBytes, \.forwardedInboundBytes, \.forwardedOutboundBytes, \.unloggedDrops,
    ]
  }

  /// What was counted since an earlier moment; a number that went back counts as 0.
  fileprivate func minus(_ earlier: Totals) -> Totals {
    combined(earlier) { $0 > $1 ? $0 - $1 : 0 }
  }

  fileprivate func plus(_ other: Totals) -> Totals { combined(other, &+) }

  fileprivate func divided(by divisor: UInt64) -> Totals {
    combined(self) { number, _ in number / divisor }
  }

  fileprivate func times(_ factor: UInt64) -> Totals {
    combined(self) { number, _ in number &* factor }
  }
}
