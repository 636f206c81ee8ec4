/// What the counters of several objects brought in each of the last seconds, ten seconds and ten
/// minutes: the spans of `RateHistory`, for counters of which there are many.
///
/// Bounded: 264 numbers for each object of the last reading, and none for others. Who reads decides
/// which and how many these are.
package struct CountHistory<Key: Hashable & Sendable>: Sendable {
  fileprivate struct Row: Sendable {
    /// The counter at the last reading.
    var total: UInt64 = 0
    /// The spans of all resolutions, each a ring; what does not fit into a number is its greatest.
    var spans = [UInt32](repeating: 0, count: RateHistory.Resolution.allSpans)
  }

  private var rows: [Key: Row] = [:]
  // Seconds that are over since the first reading.
  private var second = 0
  private var lastTime: UInt64?

  /// Makes an empty history.
  package init() {}

  /// Takes counters as they are at a monotonic moment; objects that are not among them are forgotten.
  ///
  /// To be called once a second; what comes with a call that is late came in the last second. A counter
  /// that is lower than before has begun anew.
  ///
  /// - Parameters:
  ///   - counters: Each object at most once.
  ///   - time: Nanoseconds.
  package mutating func record(_ counters: [(key: Key, total: UInt64)], at time: UInt64) {
    let before = second
    if let lastTime {
      guard time > lastTime else { return }
      second += max(1, Int(clamping: (time - lastTime + 500_000_000) / 1_000_000_000))
    }
    lastTime = time
    var fresh: [Key: Row] = [:]
    for (key, total) in counters {
      var row = rows.removeValue(forKey: key) ?? Row()
      row.add(total, from: before, to: second)
      fresh[key] = row
    }
    rows = fresh
  }

  /// What the object brought in each span, oldest first; nothing before it was known.
  ///
  /// The newest span is not over yet, but for the one of a second.
  package func spans(of key: Key, _ resolution: RateHistory.Resolution) -> [UInt64] {
    guard let row = rows[key] else { return Array(repeating: 0, count: resolution.spans) }
    let newest = resolution.span(at: second)
    return (1...resolution.spans).map { age in
      UInt64(row.spans[resolution.place(of: newest + age)])
    }
  }
}

extension CountHistory.Row {
  fileprivate mutating func add(_ newTotal: UInt64, from before: Int, to second: Int) {
    let brought = newTotal >= total ? newTotal - total : newTotal
    total = newTotal
    for resolution in RateHistory.Resolution.allCases {
      let (old, new) = (resolution.span(at: before), resolution.span(at: second))
      for age in 0..<min(new - old, resolution.spans) { spans[resolution.place(of: new - age)] = 0 }
      let place = resolution.place(of: new)
      spans[place] = UInt32(clamping: UInt64(spans[place]) &+ brought)
    }
  }
}

extension RateHistory.Resolution {
  /// The spans of all resolutions.
  fileprivate static var allSpans: Int { allCases.reduce(0) { $0 + $1.spans } }

  /// The number of the span in which a second ends.
  fileprivate func span(at second: Int) -> Int { max(0, second - 1) / seconds }

  /// Where a span stands among those of all resolutions.
  fileprivate func place(of span: Int) -> Int {
    let first =
      switch self {
      case .second: 0
      case .tenSeconds: Self.second.spans
      case .tenMinutes: Self.second.spans + Self.tenSeconds.spans
      }
    return first + span % spans
  }
}
