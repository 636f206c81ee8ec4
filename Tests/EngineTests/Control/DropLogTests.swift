import PAP
import Testing

@testable import Engine

private let second: UInt64 = 1_000_000_000

private func drop(
  _ source: UInt32, at time: UInt64, reason: DropReason = .spiNotLeased, port: UInt16 = 0
) -> DropRecord {
  var record = DropRecord()
  record.time = time
  record.reason = reason
  record.source = source
  record.destinationPort = port
  return record
}

struct DropLogTests {
  @Test func packetsAlikeWithinASecondAreOneRow() {
    var log = DropLog(capacity: 10, rowsPerSecond: 100)
    for tenth in 0..<10 { log.add(drop(1, at: second + UInt64(tenth) * second / 10)) }
    log.add(drop(1, at: 2 * second))
    #expect(log.rows.map(\.count) == [10, 1])
    #expect(log.rows.map(\.sequence) == [0, 1])
  }

  @Test func packetsThatDifferAreRowsOfTheirOwn() {
    var log = DropLog(capacity: 10, rowsPerSecond: 100)
    let records = [
      drop(1, at: 5), drop(2, at: 6), drop(1, at: 7, reason: .malformed), drop(1, at: 8, port: 9),
    ]
    records.forEach { log.add($0) }
    #expect(log.rows.map(\.count) == [1, 1, 1, 1])
  }

  @Test func theOldestRowsMakeRoom() {
    var log = DropLog(capacity: 3, rowsPerSecond: 100)
    for source in 1...5 { log.add(drop(UInt32(source), at: 1)) }
    #expect(log.rows.map(\.record.source) == [3, 4, 5])
    // The row of the first packet is gone, so its like begins a new one.
    log.add(drop(1, at: 2))
    #expect(log.rows.map(\.record.source) == [4, 5, 1])
    #expect(log.rows.last?.count == 1)
  }

  @Test(arguments: [(0, 0), (1, 1), (3, 3)])
  func rowsOfASecondAreLimitedButPacketsStillFold(limit: Int, rows: Int) {
    var log = DropLog(capacity: 100, rowsPerSecond: limit)
    for source in 1...9 { log.add(drop(UInt32(source), at: second)) }
    log.add(drop(1, at: second + 1))
    #expect(log.rows.count == rows)
    #expect(log.rows.first?.count ?? 0 == (limit > 0 ? 2 : 0))
    #expect(log.unlogged == UInt64(10 - rows - (limit > 0 ? 1 : 0)))
    log.add(drop(77, at: 2 * second))
    #expect(log.rows.count == rows + min(limit, 1))
  }

  @Test func eachRowIsFinishedOnceAfterASecond() {
    var log = DropLog(capacity: 10, rowsPerSecond: 100)
    log.add(drop(1, at: second))
    log.add(drop(2, at: second + 5))
    log.add(drop(1, at: second + 9))
    #expect(log.takeFinished(at: 2 * second - 1).isEmpty)
    #expect(log.takeFinished(at: 2 * second + 1).map(\.count) == [2])
    #expect(log.rows.map(log.isOpen) == [false, true])
    #expect(log.takeFinished(at: 9 * second).map(\.record.source) == [2])
    #expect(log.takeFinished(at: 9 * second).isEmpty)
  }

  @Test func nothingIsLostOrGrownUnderAFlood() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededRandom(seed: seed)
    var log = DropLog(capacity: 64, rowsPerSecond: 50)
    var finished: UInt64 = 0
    var time: UInt64 = second
    let packets: UInt64 = 20_000
    for _ in 0..<packets {
      time += UInt64.random(in: 0...2_000_000, using: &random)
      log.add(drop(UInt32.random(in: 0..<40, using: &random), at: time))
      finished += log.takeFinished(at: time).reduce(0) { $0 + $1.count }
    }
    finished += log.takeFinished(at: time + 2 * second).reduce(0) { $0 + $1.count }
    let isComplete = log.rows.count <= 64 && finished + log.unlogged <= packets
    #expect(isComplete, "seed \(seed)")
  }
}

struct TopSourcesTests {
  @Test func withRoomForAllTheCountIsExact() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededRandom(seed: seed)
    var top = TopSources(capacity: 100)
    var naive: [UInt32: UInt64] = [:]
    for _ in 0..<10_000 {
      let address = UInt32.random(in: 1...100, using: &random)
      top.add(address, .malformed, at: second)
      naive[address, default: 0] += 1
    }
    let wanted = naive.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(10)
    let found = top.top(10, at: second)
    #expect(found.map(\.count) == wanted.map(\.value), "seed \(seed)")
    #expect(found.map(\.address.rawValue) == wanted.map(\.key), "seed \(seed)")
  }

  // The guarantee of Space-Saving: whoever has more than 1/capacity of all packets is kept, and no
  // count given is more than the truth.
  @Test func heavySourcesSurviveAFloodOfOthers() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededRandom(seed: seed)
    var top = TopSources(capacity: 20)
    var naive: [UInt32: UInt64] = [:]
    for _ in 0..<20_000 {
      let isHeavy = UInt32.random(in: 0..<4, using: &random) == 0
      let address =
        isHeavy
        ? UInt32.random(in: 1...3, using: &random)
        : UInt32.random(in: 1_000 ... .max, using: &random)
      top.add(address, isHeavy ? .malformed : .tooBig, at: second)
      naive[address, default: 0] += 1
    }
    let found = top.top(100, at: second)
    #expect(found.count == 20)
    #expect(Set(found.map(\.address.rawValue)).isSuperset(of: [1, 2, 3]), "seed \(seed)")
    let isHonest = found.allSatisfy { $0.count <= naive[$0.address.rawValue, default: 0] }
    #expect(isHonest, "seed \(seed)")
  }

  @Test func theRateIsThatOfTheLastWholeSeconds() {
    var top = TopSources(capacity: 2)
    for tick in 0..<50 { top.add(9, .tooBig, at: 10 * second + UInt64(tick) * second / 10) }
    #expect(top.top(1, at: 15 * second).first?.perSecond == 10)
    #expect(top.top(1, at: 17 * second).first?.perSecond == 6)
    #expect(top.top(1, at: 60 * second).first?.perSecond == 0)
    #expect(top.top(1, at: 15 * second).first?.lastReason == .tooBig)
  }
}

struct RateHistoryTests {
  private func totals(_ dropped: UInt64, _ received: UInt64 = 0) -> Totals {
    var totals = Totals()
    totals.received = received
    totals.drops[Int(DropReason.tooBig.rawValue)] = dropped
    return totals
  }

  @Test func eachSecondIsTheDifferenceOfTwoLooks() {
    var history = RateHistory()
    for (time, dropped) in [5, 7, 7, 20].enumerated() {
      history.record(totals(UInt64(dropped), 1), at: UInt64(time + 1) * second)
    }
    #expect(history.latest(4).map(\.dropped) == [0, 2, 0, 13])
    #expect(history.latest(2).map(\.dropped) == [0, 13])
    #expect(history.latest(2).map(\.received) == [0, 0])
    #expect(history.perSecond(\.dropped) == 5)
  }

  @Test func aLateLookStandsForTheSecondsThatPassed() {
    var history = RateHistory()
    history.record(totals(0), at: second)
    history.record(totals(30), at: 4 * second + 100)
    #expect(history.latest(3).map(\.dropped) == [10, 10, 10])
    history.record(totals(31), at: 1_000 * second)
    #expect(history.latest(60).count == 60)
    #expect(history.latest(65).count == 60)
  }

  @Test func countersThatGoBackCountAsNothing() {
    var history = RateHistory()
    history.record(totals(30), at: second)
    history.record(totals(10), at: 2 * second)
    #expect(history.latest(1).map(\.dropped) == [0])
  }
}
