/// How many packets a second each row of the established SA table carries.
///
/// Costs one number a row and second; above `mostRows` rows it keeps none and all rates are 0.
package struct EntryRates: Sendable {
  /// How many rows are followed at most.
  package static let mostRows = 1 << 18

  private struct Sample: Sendable {
    var time: UInt64
    var packets: [UInt64]
  }

  // Numbers of rows given out so far; rows that are gone count nothing.
  private var rowCount = 0
  private var samples: [Sample] = []

  /// Makes rates that are all 0.
  package init() {}

  /// Learns which rows there are.
  mutating func note(_ changes: [TableChange]) {
    for case .insertEntry(let id, _, _) in changes {
      let place = Int(id.rawValue)
      rowCount = max(rowCount, place + 1)
      // The row's counters began anew.
      for index in samples.indices where place < samples[index].packets.count {
        samples[index].packets[place] = 0
      }
    }
  }

  /// Takes the counters at a monotonic moment.
  mutating func record(at time: UInt64, packets: (EntryID) -> UInt64) {
    guard rowCount <= Self.mostRows else {
      samples = []
      return
    }
    let numbers = (0..<rowCount).map { packets(EntryID(rawValue: UInt32($0))) }
    samples = samples.suffix(2) + [Sample(time: time, packets: numbers)]
  }

  /// Packets a second of a row, over the last two seconds or so.
  func perSecond(of id: EntryID) -> Double {
    guard let first = samples.first, let last = samples.last, last.time > first.time else {
      return 0
    }
    let place = Int(id.rawValue)
    func packets(_ sample: Sample) -> UInt64 {
      place < sample.packets.count ? sample.packets[place] : 0
    }
    let counted = packets(last) &- min(packets(first), packets(last))
    return Double(counted) * 1e9 / Double(last.time - first.time)
  }
}
