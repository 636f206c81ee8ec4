/// How much each host sends and gets now, and how much of it is dropped.
package struct HostRates: Sendable {
  /// What one host did in a second.
  package struct Rate: Hashable, Sendable {
    package var packets = 0.0
    package var bits = 0.0
    package var drops = 0.0
  }

  private struct Sample: Sendable {
    var time: UInt64
    var counters: [HostIndex: HostCounters]
  }

  /// Samples that a mean is taken over.
  private static let kept = 4
  private var samples: [Sample] = []

  /// Makes rates that are all 0.
  package init() {}

  /// Takes the counters at a monotonic moment; to be called once a second.
  mutating func record(at time: UInt64, _ counters: [HostIndex: HostCounters]) {
    samples = samples.suffix(Self.kept - 1) + [Sample(time: time, counters: counters)]
  }

  /// A host's rates over the last seconds.
  func rate(of host: HostIndex) -> Rate {
    guard let first = samples.first, let last = samples.last, last.time > first.time,
      let new = last.counters[host]
    else { return Rate() }
    let old = first.counters[host] ?? HostCounters()
    let seconds = Double(last.time - first.time) / 1e9
    func rate(_ number: KeyPath<HostCounters, UInt64>) -> Double {
      let (before, after) = (old[keyPath: number], new[keyPath: number])
      return after > before ? Double(after - before) / seconds : 0
    }
    return Rate(packets: rate(\.packets), bits: rate(\.bytes) * 8, drops: rate(\.drops))
  }
}
