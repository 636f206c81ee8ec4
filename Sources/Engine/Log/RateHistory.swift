/// What each of the last seconds brought, from counters that only grow.
package struct RateHistory: Sendable {
  /// Seconds that are remembered.
  package static let longest = 60
  /// Seconds over which rates are means.
  package static let window = 5

  private var seconds: [Totals] = []
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
    let share = totals.minus(last).divided(by: UInt64(passed))
    seconds += Array(repeating: share, count: min(passed, Self.longest))
    seconds.removeFirst(max(0, seconds.count - Self.longest))
  }

  /// The last `count` seconds, oldest first; seconds before the start brought nothing.
  package func latest(_ count: Int) -> [Totals] {
    let wanted = max(0, min(count, Self.longest))
    let known = seconds.suffix(wanted)
    return Array(repeating: Totals(), count: wanted - known.count) + known
  }

  /// The mean of one number over the last `window` seconds.
  package func perSecond(_ number: (Totals) -> UInt64) -> Double {
    let recent = seconds.suffix(Self.window)
    guard !recent.isEmpty else { return 0 }
    return Double(recent.reduce(0) { $0 &+ number($1) }) / Double(recent.count)
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

  fileprivate func divided(by divisor: UInt64) -> Totals {
    combined(self) { number, _ in number / divisor }
  }
}
