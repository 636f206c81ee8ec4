/// How much each row of the established SA table carries now.
///
/// Costs two numbers a row and second; above `mostRows` rows it keeps none and all rates are 0.
package struct EntryRates: Sendable {
  /// How many rows are followed at most.
  package static let mostRows = 1 << 18

  private struct Sample: Sendable {
    var time: UInt64
    var packets: [UInt64]
    var bytes: [UInt64]
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
        samples[index].bytes[place] = 0
      }
    }
  }

  /// Takes the counters at a monotonic moment.
  mutating func record(at time: UInt64, counters: (EntryID) -> EntryCounters) {
    guard rowCount <= Self.mostRows else {
      samples = []
      return
    }
    var sample = Sample(time: time, packets: [], bytes: [])
    sample.packets.reserveCapacity(rowCount)
    sample.bytes.reserveCapacity(rowCount)
    for row in 0..<rowCount {
      let counters = counters(EntryID(rawValue: UInt32(row)))
      sample.packets.append(counters.packets)
      sample.bytes.append(counters.bytes)
    }
    samples = samples.suffix(2) + [sample]
  }

  /// Packets a second of a row, over the last two seconds or so.
  func perSecond(of id: EntryID) -> Double {
    guard let first = samples.first, let last = samples.last else { return 0 }
    return Self.rate(of: id, first.packets, last.packets, last.time - first.time)
  }

  /// Bits a second of a row, over the last two seconds or so.
  func bitsPerSecond(of id: EntryID) -> Double {
    guard let first = samples.first, let last = samples.last else { return 0 }
    return Self.rate(of: id, first.bytes, last.bytes, last.time - first.time) * 8
  }

  private static func rate(
    of id: EntryID, _ first: [UInt64], _ last: [UInt64], _ time: UInt64
  ) -> Double {
    let place = Int(id.rawValue)
    guard time > 0, place < last.count else { return 0 }
    // A row that was not there had counted nothing.
    let before = place < first.count ? first[place] : 0
    return Double(last[place] &- min(before, last[place])) * 1e9 / Double(time)
  }
}
