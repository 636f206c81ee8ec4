import Testing

@testable import Engine

private let second: UInt64 = 1_000_000_000

@Suite struct AlarmTests {
  private func at(_ seconds: UInt64) -> Instant {
    Instant(monotonic: seconds * second, wallClock: (1_000 + seconds) * second)
  }

  @Test func anAlarmStandsSinceItBeganAndForAWhileAfterItIsOver() {
    var book = AlarmBook()
    let steps: [(second: UInt64, wrong: [Alarm.Code: String], isChanged: Bool, texts: [String])] = [
      (1, [:], false, []), (2, [.ikeFlood: "30 a second"], true, ["30 a second"]),
      (3, [.ikeFlood: "40 a second"], false, ["40 a second"]),
      (12, [:], false, ["40 a second"]), (13, [:], true, []),
    ]
    for step in steps {
      let isChanged = book.update(step.wrong, at: at(step.second))
      #expect(isChanged == step.isChanged, "second \(step.second)")
      #expect(book.alarms.map(\.text) == step.texts, "second \(step.second)")
      #expect(book.alarms.allSatisfy { $0.since == at(2) })
    }
    book.update([.ikeFlood: "again"], at: at(20))
    #expect(book.alarms.map(\.since) == [at(20)])
  }

  @Test func theGravestComeFirst() {
    var book = AlarmBook()
    book.update(
      [.authenticationOff: "", .dropRingOverflow: "", .storeNotDurable: "", .limitReached: ""],
      at: at(1))
    #expect(
      book.alarms.map(\.code)
        == [.storeNotDurable, .limitReached, .dropRingOverflow, .authenticationOff])
  }

  @Test func aRouterWithoutAuthenticationSaysSo() throws {
    let rig = try ControlRig()
    let alarms = try rig.ask("status")["alarms"]
    #expect(alarms?[0]?.keys == ["code", "since", "text"])
    #expect(alarms?[0]?["code"] == "authentication-off")
    #expect(alarms?[1] == nil)
  }

  @Test func aHostWithAllItsEntriesIsALimitReached() throws {
    let rig = try ControlRig()
    try rig.lease()
    func codes() throws -> [String] {
      rig.clock.advance(seconds: 1)
      rig.core.sampleRates()
      return rig.core.alarms.alarms.map(\.code.rawValue)
    }
    for number in 0..<1_023 {
      let address = "198.18.\(number / 256).\(number % 256)"
      _ = try rig.ask("validate", ["address": .string(address), "host": "hosta"])
    }
    #expect(try codes() == ["authentication-off"])
    let before = rig.core.changes
    _ = try rig.ask("validate", ["address": "198.19.0.1", "host": "hosta"])
    #expect(try codes() == ["limit-reached", "authentication-off"])
    #expect(rig.core.changes > before + 1, "consoles are told")
    #expect(rig.core.alarms.alarms.first?.text == "hosta has all of its 1024 entries")
  }
}
