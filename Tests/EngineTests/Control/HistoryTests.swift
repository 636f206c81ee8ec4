import PAP
import Testing

@testable import Engine

private let second: UInt64 = 1_000_000_000

@Suite struct HistoryTests {
  private func totals(_ received: UInt64) -> Totals {
    var totals = Totals()
    totals.received = received
    return totals
  }

  /// Against a model that keeps every second there ever was.
  @Test func longerSpansAreTheSumsOfTheirSeconds() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededRandom(seed: seed)
    var history = RateHistory()
    var seconds: [UInt64] = []
    var (now, count): (UInt64, UInt64) = (1, 0)
    history.record(totals(0), at: second)
    while seconds.count < 100_000 {
      let passed =
        UInt64.random(in: 0..<10, using: &random) == 0
        ? UInt64.random(in: 2...40, using: &random) : 1
      let brought = UInt64.random(in: 0...1_000, using: &random)
      (now, count) = (now + passed, count + brought)
      history.record(totals(count), at: now * second)
      let share = brought / passed
      seconds += Array(repeating: share, count: Int(passed) - 1) + [brought - share * (passed - 1)]
    }
    for resolution in RateHistory.Resolution.allCases {
      let width = resolution.seconds
      let spans = stride(from: 0, to: seconds.count, by: width).map { first in
        seconds[first..<min(first + width, seconds.count)].reduce(0, +)
      }
      let wanted = Array(spans.suffix(resolution.spans))
      let found = history.latest(resolution.spans, resolution).map(\.received)
      #expect(found == wanted, "\(resolution), seed \(seed)")
    }
  }

  @Test func beforeTheStartNothingCame() {
    var history = RateHistory()
    history.record(totals(0), at: second)
    history.record(totals(7), at: 2 * second)
    #expect(
      history.latest(144, .tenMinutes).map(\.received) == Array(repeating: 0, count: 143) + [7])
    #expect(history.latest(500, .tenMinutes).count == 144)
    #expect(history.latest(2, .tenSeconds).map(\.received) == [0, 7])
  }

  @Test func aLookAfterDaysIsSpreadOverTheDay() {
    var history = RateHistory()
    history.record(totals(0), at: second)
    history.record(totals(864_000), at: 10 * 86_400 * second + second)
    #expect(history.latest(144, .tenMinutes).allSatisfy { $0.received == 600 })
  }

  struct Asked: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var arguments: [String: JSONValue]
    var resolution: Int64
    var seconds: Int64
  }

  static let asked = [
    Asked(testDescription: "nothing said", arguments: [:], resolution: 1, seconds: 60),
    Asked(testDescription: "3 s", arguments: ["seconds": 3], resolution: 1, seconds: 3),
    Asked(
      testDescription: "10 min", arguments: ["resolution": 10], resolution: 10, seconds: 600),
    Asked(
      testDescription: "24 h", arguments: ["resolution": 600], resolution: 600, seconds: 86_400),
    Asked(
      testDescription: "an hour", arguments: ["resolution": 600, "seconds": 3_600],
      resolution: 600, seconds: 3_600),
  ]

  @Test(arguments: asked)
  func theVerbGivesWholeSpans(_ vector: Asked) throws {
    let answer = try ControlRig().ask("history", vector.arguments)
    #expect(answer["resolution"]?.integer == vector.resolution)
    #expect(answer["seconds"]?.integer == vector.seconds)
    if case .array(let values)? = answer["dropped"] {
      #expect(Int64(values.count) == vector.seconds / vector.resolution)
    } else {
      Issue.record("no values")
    }
  }

  @Test(
    arguments: [
      ["resolution": 2], ["resolution": 600, "seconds": 599], ["resolution": 10, "seconds": 601],
      ["seconds": 0], ["resolution": "10"],
    ] as [[String: JSONValue]])
  func otherSpansAreRefused(_ arguments: [String: JSONValue]) throws {
    let error = #expect(throws: ControlError.self) {
      _ = try ControlRig().ask("history", arguments)
    }
    #expect(error?.code == "bad-argument")
  }
}

@Suite struct TallyTests {
  /// Against counting the rows of the log anew each time.
  @Test func theTallyIsWhatTheRowsOfTheLogSay() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededRandom(seed: seed)
    var log = DropLog(capacity: 50, rowsPerSecond: 20)
    for step in 0..<5_000 {
      var record = DropRecord()
      record.time = UInt64(step) * second / 30
      record.reason = Bool.random(using: &random) ? .tooBig : .spiNotLeased
      record.direction = UInt8.random(in: 0..<8, using: &random) == 0 ? .outbound : .inbound
      record.hasAddresses = UInt8.random(in: 0..<8, using: &random) != 0
      record.source = UInt32.random(in: 1...6, using: &random)
      record.host = UInt16.random(in: 0...3, using: &random)
      log.add(record)
      guard step % 50 == 0 else { continue }
      let counted = log.rows.filter { $0.record.hasAddresses && $0.record.direction == .inbound }
      for source in UInt32(1)...7 {
        let own = counted.filter { $0.record.source == source }
        let all = own.reduce(0) { $0 + $1.count }
        if log.tally.count(from: source) != all {
          Issue.record("source \(source) at step \(step), seed \(seed)")
          return
        }
        for host in UInt16(1)...3 {
          let some = own.filter { $0.record.host == host }.reduce(0) { $0 + $1.count }
          if log.tally.count(from: source, for: HostIndex(rawValue: host)) != some {
            Issue.record("host \(host) of \(source) at step \(step), seed \(seed)")
            return
          }
        }
      }
    }
  }

  @Test func onlyWhatAHostDoesWrongIsItsViolation() {
    #expect(DropReason.portNotOwned.isViolation(.outbound))
    #expect(!DropReason.portNotOwned.isViolation(.inbound))
    #expect(!DropReason.ttlExpired.isViolation(.outbound))
    #expect(!DropReason.writeFailed.isViolation(.outbound))
    #expect(DropReason.allCases.allSatisfy { !$0.isViolation(.inbound) })
  }

  @Test func ratesOfHostsAreMeansOverTheLastSeconds() {
    let host = HostIndex(rawValue: 3)
    var rates = HostRates()
    #expect(rates.rate(of: host) == HostRates.Rate())
    for time in 1...5 {
      var counters = HostCounters()
      counters.packets = UInt64(time) * 100
      counters.bytes = UInt64(time) * 1_000
      counters.drops = UInt64(time) * 4
      rates.record(at: UInt64(time) * second, [host: counters])
    }
    #expect(rates.rate(of: host) == HostRates.Rate(packets: 100, bits: 8_000, drops: 4))
    #expect(rates.rate(of: HostIndex(rawValue: 4)) == HostRates.Rate())
    rates.record(at: 6 * second, [host: HostCounters()])
    #expect(rates.rate(of: host).packets == 0)
  }
}
