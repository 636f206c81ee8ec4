internal import Engine

/// The counters of one row.
struct Tally: Equatable, Sendable {
  var packets: UInt64 = 0
  var octets: UInt64 = 0
  var drops: UInt64 = 0
  var violations: UInt64 = 0

  /// The fields by which the router sorts rows for these counters.
  static let fields: Set = ["packets", "drops", "count", "violations"]

  /// What was counted since an earlier moment; what has begun anew since then counts whole.
  func since(_ earlier: Tally) -> Tally {
    func difference(_ counter: KeyPath<Tally, UInt64>) -> UInt64 {
      let (new, old) = (self[keyPath: counter], earlier[keyPath: counter])
      return new >= old ? new - old : new
    }
    return Tally(
      packets: difference(\.packets), octets: difference(\.octets), drops: difference(\.drops),
      violations: difference(\.violations))
  }
}

/// What columns of counters show.
enum CounterMode: Equatable, Sendable {
  /// All since the engine started, or since the console zeroed them.
  case total
  /// What came between the last two looks.
  case interval

  var next: CounterMode { self == .total ? .interval : .total }
}

/// How the counters of one row are shown.
struct ShownCounts: Sendable {
  var mode = CounterMode.total
  /// The counters when they were zeroed; nil if they never were.
  var zero: Tally?
  /// What the last interval brought; nil until the row was seen twice.
  var step: Tally?

  /// A counter as it is to be shown, from all that it has counted.
  func shown(_ total: UInt64, _ counter: KeyPath<Tally, UInt64>) -> UInt64 {
    if mode == .interval { return step?[keyPath: counter] ?? 0 }
    guard let zero = zero?[keyPath: counter] else { return total }
    return total >= zero ? total - zero : total
  }
}

/// The counters of the rows of one table: what they were when this console zeroed them, and what the
/// last interval brought.
///
/// The engine's counters are never touched, so operators do not disturb each other.
struct TallyBook: Equatable, Sendable {
  private struct Reading: Equatable, Sendable {
    var time: UInt64
    var tally: Tally
    var step: Tally?
  }

  /// Rows whose counters are remembered at most.
  private static let mostRows = 20_000

  private var readings: [String: Reading] = [:]
  private var zeros: [String: Tally] = [:]
  /// When the counters were zeroed, seconds since 1970; nil if they were not.
  private(set) var zeroedAt: Double?

  /// Takes counters in, read at `time` (monotonic nanoseconds).
  mutating func update(_ rows: [Row], at time: UInt64) {
    var fresh: [String: Reading] = [:]
    for row in rows {
      guard let tally = row.tally else { return }
      let id = row.id
      fresh[id] = next(readings[id], tally, time)
      // A row that was not on the screen when the counters were zeroed begins when it is seen.
      if zeroedAt != nil, zeros[id] == nil, zeros.count < Self.mostRows { zeros[id] = tally }
    }
    readings = readings.filter { time < $0.value.time + 10 * Moment.second }
    readings.merge(fresh) { _, new in new }
  }

  /// Lets all counters begin again.
  mutating func zero(at wall: Double) {
    zeroedAt = wall
    zeros = readings.mapValues(\.tally)
  }

  /// How the counters of a row are shown.
  func counts(of id: String, _ mode: CounterMode) -> ShownCounts {
    ShownCounts(mode: mode, zero: zeros[id], step: readings[id]?.step)
  }

  private func next(_ old: Reading?, _ tally: Tally, _ time: UInt64) -> Reading {
    guard let old, time > old.time else {
      return old ?? Reading(time: time, tally: tally, step: nil)
    }
    // Two answers close together are no interval.
    guard time - old.time > Moment.second / 2 else { return old }
    return Reading(time: time, tally: tally, step: tally.since(old.tally))
  }
}
