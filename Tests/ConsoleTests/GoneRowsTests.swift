import Engine
import PAP
import Testing

@testable import Console

private func row(_ number: Int, expires: String = "null") throws -> Row {
  .association(
    try Fixture.decode(
      """
      {"id": \(number), "generation": \(number), "host": "hosta",
       "address": "198.51.100.\(number)", "protocol": "esp", "spiIn": null, "spiOut": null,
       "origin": "host", "created": "2025-01-31T10:00:00Z", "expires": \(expires), "packets": 0,
       "bytes": 0, "lastSeen": null, "packetsPerSecond": 0.0, "bitsPerSecond": 0.0, "drops": 0}
      """))
}

private func peer(_ state: String, hosts: String) throws -> Row {
  .peer(
    try Fixture.decode(
      """
      {"target": "192.0.2.1/32", "state": "\(state)", "hosts": [\(hosts)], "entries": 1,
       "generation": 7, "packets": 0, "bytes": 0, "lastSeen": null, "packetsPerSecond": 0.0,
       "bitsPerSecond": 0.0, "drops": 0, "since": null, "expires": null, "by": "bob",
       "reason": null}
      """))
}

private func window(_ numbers: [Int], from offset: Int = 0, of matched: Int? = nil) throws
  -> RowWindow
{
  Fixture.window(try numbers.map { try row($0) }, offset: offset, matched: matched)
}

/// The last octets of the addresses on the screen, and for rows that are gone the same below zero.
private func shown(_ table: TableState) -> [Int] {
  table.rows.map { row in
    guard case .association(let association) = row else { return 0 }
    let number = Int(association.address.rawValue & 0xff)
    return table.gone.contains(row.id) ? -number : number
  }
}

private func tableOf(_ numbers: [Int], from offset: Int = 0, of matched: Int? = nil) throws
  -> TableState
{
  var table = TableState(sort: "host", descending: false)
  table.apply(
    try window(numbers, from: offset, of: matched), placement: .fresh, height: 10, at: 0)
  return table
}

private let second = Moment.second

@Suite struct GoneRowsTests {
  @Test func aRowThatIsGoneKeepsItsPlaceForFiveSeconds() throws {
    var table = try tableOf([1, 2, 3, 4, 5])
    for (time, wanted) in [
      (second, [1, -2, 3, 4, 5]), (6 * second - 1, [1, -2, 3, 4, 5]), (6 * second, [1, 3, 4, 5]),
    ] {
      table.apply(try window([1, 3, 4, 5]), placement: .fresh, height: 10, at: time)
      #expect(shown(table) == wanted)
      #expect(table.matched == 4)
      #expect(table.length == wanted.count)
    }
  }

  @Test func theCursorStaysWithItsObjectWhileARowAboveGoes() throws {
    var table = try tableOf([1, 2, 3, 4, 5])
    table.select(3, height: 10)
    table.apply(try window([1, 3, 4, 5]), placement: .fresh, height: 10, at: second)
    #expect(table.selected == 3)
    table.apply(try window([1, 3, 4, 5]), placement: .fresh, height: 10, at: 7 * second)
    #expect(table.selected == 2)
    #expect(shown(table)[table.selected] == 4)
  }

  @Test(arguments: [("", false), ("\"hosta\"", true)])
  func aPeerThatIsRevokedForAllIsStillThatPeer(hosts: String, isGone: Bool) throws {
    var table = TableState(sort: "target", descending: false)
    let valid = try peer("valid", hosts: "\"hosta\"")
    table.apply(Fixture.window([valid]), placement: .fresh, height: 10, at: 0)
    let revoked = try peer("revoked", hosts: hosts)
    table.apply(Fixture.window([revoked]), placement: .fresh, height: 10, at: second)
    #expect(table.gone.contains(valid.id) == isGone)
    #expect(table.selectedRow?.subject.isRevoked == !isGone)
    #expect(table.freshness[revoked.id] == (isGone ? .new : .changed))
  }

  @Test func severalThatGoAndOthersThatComeAndMoveLeaveThemWhereTheyWere() throws {
    var table = try tableOf([1, 2, 3, 4, 5])
    table.apply(try window([1, 4, 5]), placement: .fresh, height: 10, at: second)
    #expect(shown(table) == [1, -2, -3, 4, 5])
    table.apply(try window([5, 6, 4, 1]), placement: .fresh, height: 10, at: 2 * second)
    #expect(shown(table) == [5, -2, -3, 6, 4, 1])
    // A table that has become shorter has them behind its last row.
    table.apply(try window([]), placement: .fresh, height: 10, at: 3 * second)
    #expect(shown(table) == [-5, -2, -3, -6, -4, -1])
    // One that comes back is not gone.
    table.apply(try window([2]), placement: .fresh, height: 10, at: 4 * second)
    #expect(shown(table) == [-5, 2, -3, -6, -4, -1])
  }

  @Test func whileTheCursorMovesARowIsMarkedWhereItStands() throws {
    var table = try tableOf([1, 2, 3])
    table.apply(try window([3, 1]), placement: .held, height: 10, at: second)
    #expect(shown(table) == [1, -2, 3])
    table.apply(try window([3, 1]), placement: .held, height: 10, at: 9 * second)
    #expect(shown(table) == [1, -2, 3], "nothing moves while the cursor does")
    table.apply(try window([3, 1]), placement: .fresh, height: 10, at: 10 * second)
    #expect(shown(table) == [3, 1])
  }

  @Test func anotherOrderFilterOrALongTimeMakesNothingGone() throws {
    for change in [0, 1, 2] {
      var table = try tableOf([1, 2, 3])
      if change == 0 { table.descending = true }
      if change == 1 { table.acceptedFilter = "host=hosta" }
      let time = change == 2 ? 20 * second : second
      table.apply(try window([1, 3]), placement: .fresh, height: 10, at: time)
      #expect(shown(table) == [1, 3], "change \(change)")
      #expect(table.gone.count == 0)
    }
  }

  /// What is missing in a part of a table may only have moved out of it.
  @Test(arguments: [true, false])
  func inAPartOfATableTheRouterIsAsked(_ exists: Bool) throws {
    var table = try tableOf([11, 12, 13, 14], from: 10, of: 100)
    table.top = 10
    table.select(12, height: 4)
    table.apply(
      try window([11, 13, 14, 15], from: 10, of: 99), placement: .fresh, height: 4, at: second)
    #expect(shown(table) == [11, 12, 13, 14, 15], "it keeps its place until that is known")
    #expect(table.gone.doubtful.map(\.id) == [try row(12).id])
    #expect(table.number(of: 12) == 11)
    #expect(table.index(of: 11) == 12)
    table.settleGone(
      existing: exists ? [try row(12)] : [], of: ["12"], height: 4, at: Fixture.moment(0))
    #expect(shown(table) == (exists ? [11, 13, 14, 15] : [11, -12, 13, 14, 15]))
    #expect(table.selected == (exists ? 11 : 12))
  }

  /// Rows go at random places; whatever is on the screen stays on its line until they are let go.
  @Test func noLineOfTheScreenMovesWhileRowsGo() throws {
    let seed: UInt64 = 11
    var random = SeededRandom(seed: seed)
    for _ in 0..<200 {
      var living = Array(1...30)
      var table = try tableOf(living)
      let before = shown(table)
      table.top = Int(random.next() % 20)
      for step in 1...4 {
        living.removeAll { (table.top..<table.top + 10).contains($0 - 1) && random.next() % 4 == 0 }
        table.apply(
          try window(living), placement: .fresh, height: 10, at: UInt64(step) * second)
        if shown(table).map(abs) != before || shown(table).filter({ $0 > 0 }) != living {
          Issue.record("seed \(seed): \(living) gave \(shown(table))")
          return
        }
        for number in living.indices where table.number(of: table.index(of: number)) != number {
          Issue.record("seed \(seed): number \(number) of \(shown(table))")
          return
        }
      }
    }
  }
}

@Suite struct GoneRowsOnTheScreenTests {
  /// A console on the table of entries, which then lose their second row.
  private func player(_ size: Size = Size(width: 80, height: 24)) throws -> Player {
    var player = try Player.looking(size)
    player.press("2")
    try player.answerAll(second: 2)
    player.wait(1)
    player.give(.tick)
    player.answer(.window(try Fixture.associationsWithoutSecond())) {
      if case .window(let query) = $0 { query.view == .associations } else { false }
    }
    return player
  }

  private func text(_ player: Player, _ glyphs: Glyphs = .ascii) -> String {
    Screen.draw(player.model, glyphs: glyphs).text
  }

  private func line(_ word: String, _ player: Player, _ glyphs: Glyphs = .ascii) -> String {
    String(text(player, glyphs).split(separator: "\n").first { $0.contains(word) } ?? "none")
  }

  @Test func itHasAGlyphAndAWordAndIsNotCounted() throws {
    let player = try player()
    #expect(line("198.51.100.9 ", player).hasPrefix(" X "))
    #expect(line("198.51.100.9 ", player).hasSuffix(" gone"))
    #expect(line("198.51.100.9 ", player, .unicode).hasPrefix(" † "))
    #expect(line("198.51.100.200", player).hasPrefix("   "))
    #expect(text(player).contains(" 1-3 of 3 "))
    let grid = Screen.draw(player.model, glyphs: .ascii)
    let y = try #require(text(player).split(separator: "\n").firstIndex { $0.contains("100.9 ") })
    #expect(grid.row(y).allSatisfy { $0.role == .rowGone })
  }

  @Test func aRowWhoseTimeWasOverIsExpired() throws {
    let wall = Fixture.wall
    #expect(try row(1, expires: "\"2025-01-31T14:05:32Z\"").ending(at: wall) == "expired")
    #expect(try row(1, expires: "\"2025-01-31T14:05:33Z\"").ending(at: wall) == "gone")
    #expect(try row(1).ending(at: wall) == "gone")
  }

  @Test func nothingCanBeDoneToItAndTheReasonIsSaid() throws {
    var player = try player()
    player.press("j")
    for key in ["x", "i", "v", "z", " ", "V"] as [Key] {
      player.press(key)
      #expect(player.model.dialog == nil, "\(key.label)")
      #expect(player.model.table.marks.isQuiet, "\(key.label)")
      let notice = try #require(player.model.notice?.text)
      #expect(notice == "hosta  198.51.100.9  ah  any SPI is gone; there is nothing left to act on")
      player.model.notice = nil
    }
    // Its neighbour can be acted on.
    player.press("j", "x")
    #expect(player.model.dialog != nil)
  }

  @Test func aRangeLeavesItOut() throws {
    var player = try player()
    player.press("V", "j", "j", "V")
    #expect(player.model.table.marks.count == 2)
  }

  @Test func ofALargeTableTheRouterIsAskedAboutTheMissingRowsOnly() throws {
    for answer in [true, false] {
      var player = try Player.looking()
      player.press("2")
      func give(_ rows: [Row]) {
        player.answer(.window(RowWindow(total: 500, matched: 500, offset: 0, rows: rows))) {
          if case .window(let query) = $0 { query.view == .associations } else { false }
        }
      }
      let rows = try Fixture.associations().map { Row.association($0) }
      give(rows)
      player.wait(1)
      player.give(.tick)
      give([rows[0], rows[2], rows[3]])
      let asked = player.asked.compactMap { request -> WindowQuery? in
        if case .window(let query) = request.request, query.showsMarkedOnly { query } else { nil }
      }
      #expect(asked.map(\.marked) == [["102"]])
      #expect(player.model.table.length == 501)
      let reply: Reply =
        answer
        ? .window(Fixture.window([])) : .failure(Refusal(code: "stopping", message: "stopping"))
      player.answer(reply) {
        if case .window(let query) = $0 { query.showsMarkedOnly } else { false }
      }
      #expect(player.model.table.length == (answer ? 501 : 500))
      #expect(line("198.51.100.9 ", player).hasPrefix(" X ") == answer)
    }
  }
}
