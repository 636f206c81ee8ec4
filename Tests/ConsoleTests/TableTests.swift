import Engine
import PAP
import Testing

@testable import Console

/// Rows of one address each, so that an order is easily read.
private func rows(_ numbers: [Int]) throws -> [Row] {
  try numbers.map { number in
    .association(
      try Fixture.decode(
        """
        {"id": \(number), "generation": \(number), "host": "hosta",
         "address": "198.51.100.\(number)", "protocol": "esp", "spiIn": null,
         "spiOut": null, "origin": "host", "created": "2025-01-31T10:00:00Z", "expires": null,
         "packets": \(number), "bytes": 0, "lastSeen": null, "packetsPerSecond": 0.0,
         "bitsPerSecond": 0.0, "drops": 0}
        """))
  }
}

private func state(
  _ numbers: [Int], offset: Int = 0, matched: Int? = nil, height: Int = 10
) throws -> TableState {
  var table = TableState(sort: "host", descending: false)
  table.apply(
    Fixture.window(try rows(numbers), offset: offset, matched: matched), placement: .fresh,
    height: height, at: 0)
  return table
}

extension TableState {
  fileprivate var address: String {
    guard case .association(let row)? = selectedRow else { return "none" }
    return row.address.description
  }
}

@Suite struct TableStateTests {
  @Test func theSelectionFollowsItsObjectThroughANewOrder() throws {
    var table = try state([1, 2, 3, 4, 5])
    table.select(1, height: 10)
    #expect(table.address == "198.51.100.2")
    table.apply(
      Fixture.window(try rows([5, 4, 3, 2, 1])), placement: .fresh, height: 10, at: 0)
    #expect(table.selected == 3)
    #expect(table.address == "198.51.100.2")
  }

  @Test func whileTheCursorMovesTheRowsStayAndOnlyShowNewValues() throws {
    var table = try state([1, 2, 3])
    table.select(1, height: 10)
    table.apply(Fixture.window(try rows([3, 2, 1])), placement: .held, height: 10, at: 0)
    #expect(table.rows.map(\.id) == (try rows([1, 2, 3])).map(\.id))
    #expect(table.address == "198.51.100.2")
  }

  @Test func anObjectThatIsGoneLeavesTheCursorWhereItWas() throws {
    var table = try state([1, 2, 3])
    table.select(2, height: 10)
    for (time, address) in [(0, "198.51.100.3"), (5 * Moment.second, "198.51.100.2")] {
      table.apply(Fixture.window(try rows([1, 2])), placement: .fresh, height: 10, at: time)
      #expect(table.address == address)
    }
  }

  @Test func inALogTheScreenGoesWithTheObject() throws {
    var table = try state(Array((1...30).reversed()))
    table.select(12, height: 10)
    let line = table.selected - table.top
    table.apply(
      Fixture.window(try rows(Array((1...34).reversed()))), placement: .anchored, height: 10,
      at: 0)
    #expect(table.selected == 16)
    #expect(table.selected - table.top == line)
  }

  @Test func atTheHeadOfALogTheCursorStaysThere() throws {
    var table = try state(Array((1...30).reversed()))
    table.apply(
      Fixture.window(try rows(Array((1...34).reversed()))), placement: .anchored, height: 10,
      at: 0)
    #expect(table.selected == 0)
    #expect(table.address == "198.51.100.34")
  }

  @Test func anEmptyAnswerIsNoTrap() throws {
    var table = try state([1, 2, 3])
    table.select(2, height: 10)
    table.apply(Fixture.window([]), placement: .fresh, height: 10, at: 60 * Moment.second)
    #expect(table.selected == 0)
    #expect(table.selectedRow == nil)
    table.select(-5, height: 0)
    #expect(table.selected == 0)
    #expect(table.top == 0)
  }

  /// Random motions and answers: the cursor is on the screen, and the screen within the rows.
  @Test func cursorAndScreenStayWithinTheRowsWhateverComes() throws {
    let seed: UInt64 = 20_250_131
    var random = SeededRandom(seed: seed)
    var table = try state(Array(1...50))
    let placements: [TableState.Placement] = [.fresh, .anchored, .held]
    for step in 0..<3_000 {
      let height = Int(random.next() % 14)
      switch random.next() % 4 {
      case 0:
        let count = Int(random.next() % 60)
        let offset = Int(random.next() % 20)
        let numbers = (0..<count).map { $0 % 200 + 1 }.shuffled(using: &random)
        table.apply(
          Fixture.window(
            try rows(numbers), offset: offset, matched: offset + count + Int(random.next() % 9)),
          placement: placements[Int(random.next() % 3)], height: height, at: UInt64(step))
      case 1: table.select(table.selected + Int(random.next() % 40) - 20, height: height)
      case 2: table.select(0, height: height)
      default: table.scrollToSelection(height: height)
      }
      let inside =
        table.top >= 0 && table.selected >= 0 && table.selected <= max(0, table.length - 1)
        && table.selected >= table.top && table.selected < table.top + max(1, height)
      if !inside {
        Issue.record("step \(step) of seed \(seed): \(table.selected) of \(table.matched)")
        return
      }
    }
  }
}

@Suite struct UpdateTests {
  @Test func aFrozenScreenDoesNotChangeAndAsksForNothing() throws {
    var player = try Player.looking()
    player.press("2")
    try player.answerAll(second: 2)
    player.press("p")
    let before = Screen.draw(player.model, glyphs: .unicode)
    player.wait(3)
    player.give(.tick)
    player.give(.changed)
    #expect(player.asked.isEmpty)
    let after = Screen.draw(player.model, glyphs: .unicode)
    // All but the clock.
    #expect((1..<after.height).allSatisfy { before.row($0) == after.row($0) })
    player.press("p")
    #expect(!player.asked.isEmpty)
  }

  @Test func answersThatWereUnderWayWhenItFrozeAreNotShown() throws {
    var player = try Player.looking()
    player.give(.tick)
    player.press("p")
    player.answer(.status(try Fixture.status(packets: 9_999_999))) { $0 == .status }
    #expect(player.model.status?.packets.forwardedInbound == 1_012_700)
  }

  @Test func aSlowEngineIsNotAskedTwiceForTheSame() throws {
    var player = try Player.looking()
    player.press("2")
    let first = player.asked.count
    for _ in 0..<5 {
      player.wait(1)
      player.give(.tick)
    }
    #expect(player.asked.count == first)
    #expect(Screen.draw(player.model, glyphs: .ascii).text.contains("NO ANSWER 5s"))
    try player.answerAll(second: 5)
    #expect(Screen.draw(player.model, glyphs: .ascii).text.contains("LIVE"))
  }

  @Test func keysAreServedWhileTheEngineIsSilentOrGone() throws {
    var player = try Player.looking()
    player.press("2")
    try player.answerAll(second: 2)
    player.give(.unlinked("the engine has gone"))
    player.press("j", "4", "5", "2")
    #expect(player.model.view == .associations)
    #expect(player.model.table.selected == 1)
    #expect(Screen.draw(player.model, glyphs: .unicode).text.contains("NO ENGINE"))
    player.give(.linked)
    #expect(player.asked.contains { $0.request == .status })
  }

  @Test func anAnswerThatComesLateForAnotherFilterIsNotShown() throws {
    var player = try Player.looking()
    player.press("2")
    try player.answerAll(second: 2)
    player.press("/")
    player.type("a")
    let old = player.taken {
      if case .window(let query) = $0 { query.filter == "a" } else { false }
    }
    player.type("b")
    player.give(.reply(id: try #require(old.first).id, .window(Fixture.window([]))))
    #expect(player.model.table.matched == 4)
  }

  @Test func aFilterNarrowsWithEveryKeyAndEscapeGivesTheOldOneBack() throws {
    var player = try Player.looking()
    player.press("2", "/")
    player.type("host")
    let filters = player.asked.compactMap { asked -> String? in
      if case .window(let query) = asked.request, query.view == .associations {
        query.filter
      } else {
        nil
      }
    }
    #expect(filters == ["", "h", "ho", "hos", "host"])
    player.press(.escape)
    #expect(player.model.table.filter.isEmpty)
    #expect(player.model.filterInput == nil)
  }

  @Test func aWrongFilterIsExplainedAndTheLastGoodOneComesBack() throws {
    var player = try Player.looking()
    player.press("2", "/")
    player.type("host")
    try player.answerAll()
    player.type("=")
    player.answer(.failure(Refusal(code: "bad-filter", message: "there is no value", column: 6))) {
      if case .window(let query) = $0 { query.filter == "host=" } else { false }
    }
    let drawn = Screen.draw(player.model, glyphs: .unicode).text
    #expect(drawn.contains("^ there is no value"))
    player.press(.enter)
    #expect(player.model.table.filter == "host")
    #expect(player.model.notice?.text == "there is no value")
  }

  @Test func escapeTakesAwayOneThingAtATime() throws {
    var player = try Player.looking()
    player.press("2", "/")
    player.type("a")
    player.press(.enter, .enter)
    try player.answerAll()
    player.press(.enter)
    #expect(player.model.overlay != nil)
    player.press(.escape)
    #expect(player.model.overlay == nil)
    #expect(player.model.table.filter == "a")
    player.press(.escape)
    #expect(player.model.table.filter.isEmpty)
    #expect(player.model.view == .associations)
    player.press(.escape)
    #expect(player.model.view == .overview)
  }

  @Test func sortingGoesThroughTheColumnsAndStartsWithWhatIsMost() throws {
    var player = try Player.looking()
    player.press("2")
    let fields = Set(Columns.of(.associations).compactMap(\.sortField))
    var seen: [String] = []
    for _ in fields {
      player.press(">")
      seen.append(player.model.table.sort)
      if player.model.table.sort == "packets" { #expect(player.model.table.descending) }
    }
    #expect(Set(seen) == fields)
    let before = player.model.table.descending
    player.press("r")
    #expect(player.model.table.descending != before)
  }

  @Test func whatTheRowIsAboutCanBeSeenInTheLog() throws {
    var player = try Player.looking()
    player.press("6")
    try player.answerAll()
    player.press("o")
    #expect(player.model.view == .log)
    #expect(player.model.table.filter == "reason=spi-not-leased")
  }

  @Test func ratesComeFromTwoLooksAtTheCounters() throws {
    var player = try Player.looking()
    #expect(player.model.history.inbound.last == 12_700)
    #expect(player.model.history.dropped.last == 31)
    player.press("2")
    try player.answerAll(second: 2)
    player.wait(1)
    player.give(.tick)
    try player.answerAll(second: 3)
    let rate = try #require(
      player.model.table.rates["hosta 198.51.100.7 esp 0x10010007"]?.packetsPerSecond)
    #expect(abs(rate - 12_400) < 1)
  }
}

@Suite struct LineEditorTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let keys: [Key]
    let text: String
    /// What is before the cursor.
    let before: String
  }

  static let vectors = [
    Vector(testDescription: "typing", keys: ["x"], text: "one twox", before: "one twox"),
    Vector(
      testDescription: "in the middle", keys: [.left, .left, "x"], text: "one txwo",
      before: "one tx"),
    Vector(testDescription: "at the start", keys: [.home, "x"], text: "xone two", before: "x"),
    Vector(
      testDescription: "backspace", keys: [.backspace, .backspace], text: "one t", before: "one t"),
    Vector(
      testDescription: "backspace at the start", keys: [.home, .backspace], text: "one two",
      before: ""),
    Vector(testDescription: "delete", keys: [.home, .delete], text: "ne two", before: ""),
    Vector(
      testDescription: "delete at the end", keys: [.delete], text: "one two", before: "one two"),
    Vector(testDescription: "a word", keys: [.control("W")], text: "one ", before: "one "),
    Vector(
      testDescription: "all before the cursor", keys: [.left, .control("U")], text: "o",
      before: ""),
    Vector(
      testDescription: "all after the cursor", keys: [.home, .right, .control("K")], text: "o",
      before: "o"),
    Vector(
      testDescription: "beyond the ends", keys: [.right, .home, .left, .left], text: "one two",
      before: ""),
  ]

  @Test(arguments: vectors)
  func keysEditTheLine(_ vector: Vector) {
    var editor = LineEditor("one two")
    for key in vector.keys {
      let isUsed = editor.handle(key)
      #expect(isUsed)
    }
    #expect(editor.text == vector.text)
    #expect(editor.textBeforeCursor == vector.before)
  }

  @Test func aSelectedTextIsReplacedByTypingAndKeptByMoving() {
    var editor = LineEditor("old", isSelected: true)
    _ = editor.handle("n")
    _ = editor.handle("e")
    #expect(editor.text == "ne")
    editor = LineEditor("old", isSelected: true)
    _ = editor.handle(.end)
    _ = editor.handle("x")
    #expect(editor.text == "oldx")
  }

  @Test func aLineHasAnEnd() {
    var editor = LineEditor(String(repeating: "a", count: 500))
    #expect(editor.characters.count == LineEditor.longest)
    _ = editor.handle("b")
    #expect(editor.characters.count == LineEditor.longest)
    let used = [Key.enter, .escape, .tab, .up].filter { editor.handle($0) }
    #expect(used.isEmpty)
  }
}
