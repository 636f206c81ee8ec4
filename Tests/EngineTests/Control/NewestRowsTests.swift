import PAP
import Testing

@testable import Engine

/// Rows that are looked for a little at a time.
struct NewestRowsTests {
  @Test(arguments: [0, 1, 3, 100] as [Int])
  func theNewestOfThoseWantedComeInTheirOrder(most: Int) {
    let numbers = Array(40..<90)
    var newest = NewestRows(most, among: numbers) { $0 % 3 == 0 }
    var found: [Int]?
    while found == nil { found = newest.advance(until: 0) }
    #expect(found == Array(numbers.filter { $0 % 3 == 0 }.suffix(most)))
  }

  /// Whatever a filter costs, no more than a few rows are looked at once the time is over.
  @Test func aStepEndsSoonAfterItsTime() {
    var looks = 0
    var newest = NewestRows(.max, among: Array(0..<1_000)) { _ in
      looks += 1
      return false
    }
    var steps = 0
    repeat {
      steps += 1
      looks = 0
      if newest.advance(until: 0) != nil { break }
      #expect(looks <= 16)
    } while steps < 1_000
    #expect(steps > 60 && steps < 1_000)
  }

  @Test func subscribersBeginWithTheNewestRowsThatPass() throws {
    let rig = try ControlRig()
    let client = try rig.connect()
    for number in 0..<40 as Range<UInt32> {
      var record = DropRecord()
      record.time = 50_000_000_000
      record.reason = number % 2 == 0 ? .tooBig : .malformed
      record.spi = number
      record.hasSPI = true
      rig.core.dropLog.add(record)
    }
    #expect(rig.core.dropLog.takeFinished(at: 60_000_000_000).count == 40)
    let line =
      #"{"id":1,"verb":"subscribe","arguments":{"events":["drops","changes"],"last":3,"#
      + #""filter":"reason=too-big"}}"# + "\n"
    _ = try client.write(line.utf8)
    let lines = try rig.lines(4, from: client)
    #expect(lines.first == #"{"id":1,"result":{"subscribed":["drops","changes"]}}"#)
    let events = lines.dropFirst()
    #expect(events.allSatisfy { $0.hasPrefix(#"{"event":"drops","row":{"#) })
    let spis = ([34, 36, 38] as [UInt32]).map { "\"spi\":\"\(SPI(rawValue: $0))\"" }
    #expect(zip(events, spis).allSatisfy { $0.contains($1) })
    _ = try rig.ask("revoke", ["target": "192.0.2.1"])
    rig.server.publish([])
    #expect(try rig.lines(1, from: client) == [#"{"event":"changes"}"#])
  }
}
