import Testing

@testable import Engine

@Suite struct CountHistoryTests {
  private static let second: UInt64 = 1_000_000_000

  @Test func eachSecondIsTheDifferenceOfTwoReadings() {
    var history = CountHistory<String>()
    for (time, total) in [100, 103, 103, 110].enumerated() {
      history.record([("a", UInt64(total))], at: UInt64(time + 50) * Self.second)
    }
    // The first reading and that of a second later end the same span: nothing is known before.
    #expect(history.spans(of: "a", .second).suffix(4) == [0, 103, 0, 7])
    #expect(history.spans(of: "a", .tenSeconds).suffix(2) == [0, 110])
    #expect(history.spans(of: "a", .tenMinutes).last == 110)
    #expect(history.spans(of: "b", .second) == Array(repeating: 0, count: 60))
    #expect(
      RateHistory.Resolution.allCases.map { history.spans(of: "a", $0).count } == [60, 60, 144])
  }

  @Test func whatBeganAnewCountsFromThereAndWhatIsNotReadIsForgotten() {
    var history = CountHistory<String>()
    history.record([("a", 0), ("b", 0)], at: Self.second)
    history.record([("a", 50), ("b", 5)], at: 2 * Self.second)
    history.record([("a", 4)], at: 3 * Self.second)
    #expect(history.spans(of: "a", .second).suffix(2) == [50, 4])
    #expect(history.spans(of: "b", .second).allSatisfy { $0 == 0 })
    history.record([("a", 4), ("b", 6)], at: 4 * Self.second)
    #expect(history.spans(of: "b", .second).suffix(3) == [0, 0, 6])
  }

  @Test func aLateReadingLeavesTheSecondsBeforeItEmpty() {
    var history = CountHistory<Int>()
    history.record([(1, 0)], at: 0)
    history.record([(1, 9)], at: Self.second)
    history.record([(1, 20)], at: 4 * Self.second + Self.second / 3)
    #expect(history.spans(of: 1, .second).suffix(4) == [9, 0, 0, 11])
    // Not even a day without a reading costs more than the rings have places.
    history.record([(1, 21)], at: 1_000_000 * Self.second)
    #expect(history.spans(of: 1, .tenMinutes) == Array(repeating: 0, count: 143) + [1])
    // A clock that stands still or goes back is no reading.
    history.record([(1, 99)], at: 1_000_000 * Self.second)
    #expect(history.spans(of: 1, .second).last == 1)
  }

  @Test func aSpanThatDoesNotFitStandsAtItsEnd() {
    var history = CountHistory<Int>()
    history.record([(1, 0)], at: 0)
    history.record([(1, 1 << 40)], at: Self.second)
    #expect(history.spans(of: 1, .second).last == UInt64(UInt32.max))
  }

  /// Against all seconds kept in a list.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func theRingsHoldTheSumsOfTheSeconds(seed: UInt64) {
    var random = QuickRandom(seed: seed)
    var history = CountHistory<Int>()
    history.record([(1, 0)], at: 0)
    var (all, total): ([UInt64], UInt64) = ([], 0)
    for second in 1...3_000 {
      all.append(random.next() % 100)
      total += all.last ?? 0
      history.record([(1, total)], at: UInt64(second) * Self.second)
      guard second % 97 == 0 || second % 600 < 2 else { continue }
      for resolution in RateHistory.Resolution.allCases {
        let sums = stride(from: 0, to: all.count, by: resolution.seconds).map { start in
          all[start..<min(start + resolution.seconds, all.count)].reduce(0, +)
        }
        let wanted = Array(
          (Array(repeating: 0, count: resolution.spans) + sums).suffix(resolution.spans))
        if history.spans(of: 1, resolution) != wanted {
          Issue.record("seed \(seed): \(resolution) at second \(second)")
          return
        }
      }
    }
  }
}
