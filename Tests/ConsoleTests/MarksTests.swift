import Engine
import PAP
import Testing

@testable import Console

/// A console with a table on the screen, answered.
private func looking(at key: Key, _ settings: Model.Settings = .init()) throws -> Player {
  var player = try Player.looking(settings: settings)
  player.press(key)
  try player.answerAll(second: 2)
  return player
}

extension Player {
  fileprivate var marks: Marks { model.table.marks }

  /// The addresses of the marked rows in the order in which they were marked.
  fileprivate var markedAddresses: [String] {
    marks.visible.compactMap {
      if case .association(let row) = $0.row { row.address.description } else { nil }
    }
  }

  fileprivate mutating func pressAndAnswer(_ keys: Key...) throws {
    for key in keys {
      press(key)
      try answerAll(second: 3)
    }
  }
}

@Suite struct MarkKeysTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let keys: [Key]
    let marked: [String]
    /// The row under the cursor at the end.
    let selected: Int
  }

  static let vectors = [
    Vector(
      testDescription: "Space marks and goes on", keys: [" ", " "],
      marked: ["198.51.100.7", "198.51.100.9"], selected: 2),
    Vector(
      testDescription: "Space on a marked row takes its mark off", keys: [" ", " ", "g", " "],
      marked: ["198.51.100.9"], selected: 1),
    Vector(
      testDescription: "at the last row the cursor stays", keys: ["G", " "],
      marked: ["198.51.100.200"], selected: 3),
    Vector(
      testDescription: "V twice marks the rows between", keys: ["V", "j", "j", "V"],
      marked: ["198.51.100.7", "198.51.100.9", "198.51.100.7"], selected: 2),
    Vector(
      testDescription: "a range upwards is one too", keys: ["G", "V", "k", "V"],
      marked: ["198.51.100.7", "198.51.100.200"], selected: 2),
    Vector(
      testDescription: "a range that is given up marks nothing", keys: ["V", "j", .escape],
      marked: [], selected: 1),
    Vector(
      testDescription: "a range adds to the marks", keys: ["G", " ", "g", "V", "j", "V"],
      marked: ["198.51.100.200", "198.51.100.7", "198.51.100.9"], selected: 1),
    Vector(
      testDescription: "* marks all", keys: ["*"],
      marked: ["198.51.100.7", "198.51.100.9", "198.51.100.7", "198.51.100.200"], selected: 0),
    Vector(testDescription: "U takes all off", keys: ["*", "U"], marked: [], selected: 0),
    Vector(testDescription: "Escape too", keys: [" ", .escape], marked: [], selected: 1),
  ]

  @Test(arguments: vectors)
  func keysMarkRows(_ vector: Vector) throws {
    var player = try looking(at: "2")
    for key in vector.keys { try player.pressAndAnswer(key) }
    #expect(player.markedAddresses == vector.marked)
    #expect(player.model.table.selected == vector.selected)
    #expect(player.model.view == .associations)
  }

  @Test func escapeTakesRangeMarksFreezeFilterOneAfterTheOther() throws {
    var player = try looking(at: "2")
    try player.pressAndAnswer("/", "h", .enter, " ", "V", "p")
    player.press(.escape)
    #expect(player.marks.anchor == nil)
    #expect(player.marks.count == 1)
    player.press(.escape)
    #expect(player.marks.isEmpty)
    #expect(player.model.isFrozen)
    player.press(.escape)
    #expect(!player.model.isFrozen)
    #expect(player.model.table.filter == "h")
    try player.pressAndAnswer(.escape)
    #expect(player.model.table.filter.isEmpty)
    #expect(player.model.view == .associations)
  }

  @Test func logsAndReasonsHaveNoMarks() throws {
    for view in ["5", "6"] as [Key] {
      var player = try looking(at: view)
      player.press(" ")
      #expect(player.marks.isEmpty)
      #expect(player.model.notice?.text.contains("not in this view") == true)
    }
  }

  @Test func allIsAskedForInPagesAndBounded() throws {
    var player = try looking(at: "2")
    player.press("*")
    var offsets: [Int] = []
    while let index = player.asked.firstIndex(where: { $0.request.isPage }) {
      guard case .window(let query) = player.asked[index].request else { break }
      offsets.append(query.offset)
      let page = try (0..<query.count).map { try numbered(query.offset + $0) }
      player.answer(
        .window(
          RowWindow(total: 98_412, matched: 98_412, offset: query.offset, rows: page))
      ) { $0 == .window(query) }
    }
    #expect(offsets == (0..<10).map { $0 * 1_000 })
    #expect(player.marks.count == Marks.most)
    #expect(player.model.notice?.text == "10,000 marked of 98,412: more is not possible")
  }

  private func numbered(_ number: Int) throws -> Row {
    var row = try #require(try Fixture.associations().first)
    row.id = UInt32(number)
    row.spiIn = SPI(rawValue: UInt32(0x2000_0000 + number))
    return .association(row)
  }

  @Test func allSaysHowManyThereAre() throws {
    var player = try looking(at: "2")
    try player.pressAndAnswer("*")
    #expect(player.model.notice?.text == "4 marked, all matching")
  }

  @Test func theFooterCountsAndTheRowsHaveAGlyph() throws {
    var player = try looking(at: "2")
    let before = player.text.split(separator: "\n").count { $0.contains("hosta") }
    try player.pressAndAnswer(" ", " ")
    let text = player.text
    #expect(text.contains("2 marked (0 hidden)"))
    #expect(text.contains("*hosta"))
    #expect(text.split(separator: "\n").count { $0.contains("*host") } == 2)
    #expect(before > 0)
  }
}

extension Request {
  fileprivate var isPage: Bool {
    if case .window(let query) = self {
      query.view == .associations && query.count == 1_000
    } else {
      false
    }
  }

  fileprivate var isSurvey: Bool {
    if case .window(let query) = self { query.showsMarkedOnly } else { false }
  }
}

@Suite struct MarkSurveyTests {
  private func window(_ rows: some Sequence<Row>) -> Reply {
    .window(Fixture.window(Array(rows)))
  }

  @Test func marksStayWithTheirObjectsThroughAnotherOrder() throws {
    var player = try looking(at: "2")
    try player.pressAndAnswer(" ", "r")
    var rows = try Fixture.associations().map { Row.association($0) }
    let marked = player.marks.visible.map(\.row.id)
    rows.reverse()
    player.model.table.apply(Fixture.window(rows), placement: .fresh, height: 10, at: 0)
    #expect(player.marks.visible.map(\.row.id) == marked)
    #expect(player.text.split(separator: "\n").count { $0.contains("*hosta") } == 1)
  }

  @Test func whatTheFilterHidesIsCountedAndNotActedOn() throws {
    var player = try looking(at: "2")
    try player.pressAndAnswer(" ", " ", " ", "/", "x", .enter)
    let rows = try Fixture.associations().map { Row.association($0) }
    player.wait(1)
    player.give(.tick)
    for (id, request) in player.taken(\.isSurvey) {
      guard case .window(let query) = request else { continue }
      player.give(
        .reply(id: id, window(query.filter.isEmpty ? rows.prefix(3) : rows.dropFirst().prefix(2))))
    }
    #expect(player.marks.count == 3)
    #expect(player.marks.hiddenCount == 1)
    #expect(player.text.contains("3 marked (1 hidden)"))
    player.press("i")
    for (id, request) in player.taken(\.isSurvey) {
      guard case .window(let query) = request else { continue }
      player.give(
        .reply(id: id, window(query.filter.isEmpty ? rows.prefix(3) : rows.dropFirst().prefix(2))))
    }
    guard case .batch(let batch)? = try player.model.dialog?.command() else {
      Issue.record("there is no batch")
      return
    }
    #expect(batch.items.count == 2)
    #expect(batch.items.map(\.generation) == [2, 3])
    try player.answerAll()
    #expect(player.text.contains("1 marked row is hidden by the filter: not acted on"))
  }

  @Test func marksThatAreAllHiddenAreNotActedOnNorIsTheRowUnderTheCursor() throws {
    var player = try looking(at: "2")
    try player.pressAndAnswer(" ", "/", "x", .enter)
    let rows = try Fixture.associations().map { Row.association($0) }
    player.press("x")
    for (id, request) in player.taken(\.isSurvey) {
      guard case .window(let query) = request else { continue }
      player.give(.reply(id: id, window(query.filter.isEmpty ? rows.prefix(1) : rows.prefix(0))))
    }
    #expect(player.model.dialog == nil)
    #expect(player.model.notice?.text.contains("hidden by the filter") == true)
    #expect(player.commands.isEmpty)
  }

  @Test func marksOfWhatIsGoneAreDroppedAndSaid() throws {
    var player = try looking(at: "2")
    try player.pressAndAnswer(" ", " ")
    let rows = try Fixture.associations().map { Row.association($0) }
    player.wait(1)
    player.give(.tick)
    for (id, _) in player.taken(\.isSurvey) {
      player.give(.reply(id: id, window(rows.prefix(1))))
    }
    #expect(player.marks.count == 1)
    #expect(player.model.notice?.text == "1 marked row is gone")
  }

  @Test func aRowMarkedAfterTheQuestionIsNotGone() throws {
    var player = try looking(at: "2")
    player.press(" ")
    let surveys = player.taken(\.isSurvey)
    player.press(" ")
    let rows = try Fixture.associations().map { Row.association($0) }
    for (id, _) in surveys { player.give(.reply(id: id, window(rows.prefix(1)))) }
    #expect(player.marks.count == 2)
  }

  @Test func whatHasChangedSinceItWasMarkedIsListedAndLeftOut() throws {
    var player = try looking(at: "2")
    try player.pressAndAnswer(" ", " ", " ")
    var changed = try Fixture.associations()
    changed[1].generation = 99
    let rows = changed.map { Row.association($0) }
    player.press("i")
    for (id, _) in player.taken(\.isSurvey) {
      player.give(.reply(id: id, window(rows.prefix(3))))
    }
    guard case .batch(let batch)? = try player.model.dialog?.command() else {
      Issue.record("there is no batch")
      return
    }
    #expect(batch.items.map(\.generation) == [1, 3])
    try player.answerAll()
    let text = player.text
    #expect(text.contains("! hosta  198.51.100.9  ah  any SPI: left out, changed since"))
    #expect(text.contains("* hosta  198.51.100.7"))
  }

  @Test func onlyMarkedRowsAreAskedForAndShown() throws {
    var player = try looking(at: "2")
    try player.pressAndAnswer(" ", " ", "m")
    #expect(player.model.table.matched == 2)
    #expect(player.text.contains("marked only"))
    let (verb, arguments) = EngineCodec.encode(
      .window(try #require(player.model.query)), source: nil)
    #expect(verb == "window")
    #expect(arguments["filter"]?.string == "marked")
    #expect(arguments["marked"] == .array([.integer(101), .integer(102)]))
    try player.pressAndAnswer("m")
    #expect(player.model.table.matched == 4)
  }

  @Test func aDoneActionTakesItsMarksAway() throws {
    var player = try looking(at: "2")
    try player.pressAndAnswer(" ", " ", "i")
    player.press(.up, .up)
    player.type("cleanup")
    player.press(.tab)
    player.type("2")
    player.press(.tab, .right)
    try player.answerAll()
    player.press(.enter)
    #expect(player.commands.count == 1)
    player.answer(
      .acted(
        Outcome(
          message: "", action: 9, undoableFor: 300,
          parts: [
            .init(ending: .done, target: "198.51.100.7", message: "invalidated"),
            .init(ending: .leftOut, target: "198.51.100.9", message: "changed meanwhile"),
          ]))
    ) { if case .perform = $0 { true } else { false } }
    #expect(player.markedAddresses == ["198.51.100.9"])
    #expect(player.model.notice?.kind == .failed)
    #expect(
      player.model.notice?.text
        == "invalidate 2 rows: 1 done, 1 not: 198.51.100.9: changed meanwhile")
  }
}

@Suite struct BatchPlanTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let view: Key
    let action: ActionID
    let objects: [String]
    let leftOut: [String]
  }

  /// The rows are those of the fixture, all of them marked.
  static let vectors = [
    Vector(
      testDescription: "entries are invalidated one by one", view: "2", action: .invalidate,
      objects: [
        "invalidate 198.51.100.7 hosta 0x10010007", "invalidate 198.51.100.9 hosta ",
        "invalidate 198.51.100.7 hostb 0x1002fda9", "invalidate 198.51.100.200 hostb 0x10020107",
      ], leftOut: []),
    Vector(
      testDescription: "an address is revoked once, however many entries it has", view: "2",
      action: .revoke,
      objects: [
        "revoke 198.51.100.7/32 ", "revoke 198.51.100.9/32 ", "revoke 198.51.100.200/32 ",
      ], leftOut: []),
    Vector(
      testDescription: "what is revoked is not revoked again", view: "4", action: .revoke,
      objects: ["revoke 198.51.100.7/32 "], leftOut: ["revoked already", "revoked already"]),
    Vector(
      testDescription: "only revocations are lifted", view: "4", action: .lift,
      objects: ["unrevoke 192.0.2.66/32 ", "unrevoke 203.0.113.128/25 hosta"],
      leftOut: ["not a revocation"]),
    Vector(
      testDescription: "hosts that are suspended stay so", view: "3", action: .suspend,
      objects: ["suspend hosta", "suspend hostc"], leftOut: ["suspended already"]),
    Vector(
      testDescription: "hosts are named by their entries", view: "2", action: .suspend,
      objects: ["suspend hosta"], leftOut: ["suspended already"]),
  ]

  @Test(arguments: vectors)
  func eachMarkedRowBecomesACommandOrIsLeftOut(_ vector: Vector) throws {
    var player = try looking(at: vector.view)
    try player.pressAndAnswer("*")
    let plan = BatchPlan(
      vector.action, player.model.view, player.marks, isSuspended: player.model.isKnownSuspended)
    #expect(plan.chosen.compactMap(\.command?.object) == vector.objects)
    #expect(plan.leftOut.compactMap(\.obstacle) == vector.leftOut)
  }

  @Test func hostsThatAreAllSuspendedAreResumed() throws {
    var player = try looking(at: "3")
    try player.pressAndAnswer("j", " ")
    let plan = BatchPlan(.suspend, .hosts, player.marks, isSuspended: { _ in false })
    #expect(plan.chosen.map(\.command) == [.resume(host: "hostb")])
  }
}

@Suite struct FreshnessTests {
  private func rows(_ entries: [(name: String, generation: UInt64)]) throws -> RowWindow {
    let host = try #require(try Fixture.hosts().first)
    return Fixture.window(
      entries.map { entry in
        var row = host
        row.name = entry.name
        row.generation = entry.generation
        return .host(row)
      })
  }

  @Test func whatComesAndWhatChangesIsShownForFiveSeconds() throws {
    var freshness = Freshness()
    freshness.update(try rows([("a", 1), ("b", 2)]), of: "", at: 0)
    #expect(freshness["a"] == nil)
    freshness.update(try rows([("a", 1), ("b", 3), ("c", 4)]), of: "", at: Moment.second)
    #expect(freshness["a"] == nil)
    #expect(freshness["b"] == .changed)
    #expect(freshness["c"] == .new)
    freshness.update(
      try rows([("a", 1), ("b", 3), ("c", 4)]), of: "", at: 6 * Moment.second - 1)
    #expect(freshness["c"] == .new)
    freshness.update(try rows([("a", 1), ("b", 3), ("c", 4)]), of: "", at: 6 * Moment.second)
    #expect(freshness["b"] == nil)
    #expect(freshness["c"] == nil)
  }

  @Test func rowsThatAnotherFilterOrPlaceBringsAreNotNew() throws {
    var freshness = Freshness()
    freshness.update(try rows([("a", 1)]), of: "host=a", at: 0)
    freshness.update(try rows([("a", 1), ("b", 2)]), of: "", at: 1)
    #expect(freshness["b"] == nil)
    var part = try rows([("a", 1), ("b", 2)])
    part.matched = 100
    freshness.update(part, of: "", at: 2)
    freshness.update(try rows([("a", 1), ("b", 2), ("c", 3)]), of: "", at: 3)
    #expect(freshness["c"] == nil)
  }

  /// However large the table is, a row is new by the time that the router gives it; what was only
  /// scrolled into view is not.
  @Test func aYoungRowIsNewWhereverItIs() throws {
    let rows = try Fixture.associations().map { Row.association($0) }
    let ids = rows.map(\.id)
    var window = Fixture.window(Array(rows[..<2]), offset: 40, matched: 1_000)
    var freshness = Freshness()
    freshness.update(window, of: "", at: Fixture.start.monotonic, wall: Fixture.wall)
    window.rows = rows
    let time = Fixture.start.monotonic + Moment.second
    freshness.update(window, of: "", at: time, wall: Fixture.wall + 1)
    // The third was made two seconds before the start.
    #expect(ids.map { freshness[$0] } == [nil, nil, .new, nil])
    freshness.update(window, of: "", at: time + 2 * Moment.second - 1, wall: Fixture.wall + 3)
    #expect(freshness[ids[2]] == .new)
    freshness.update(window, of: "", at: time + 2 * Moment.second, wall: Fixture.wall + 3)
    #expect(freshness[ids[2]] == nil)
  }

  @Test func aYoungPeerIsNewAndOneWithoutATimeIsNot() throws {
    var peers = try Fixture.peers()
    peers[0].since = "2025-01-31T14:05:30Z"
    peers[1].since = "2025-01-31T14:05:20Z"
    let rows = peers.map { Row.peer($0) }
    var freshness = Freshness()
    freshness.update(
      Fixture.window(rows, matched: 90), of: "", at: Fixture.start.monotonic, wall: Fixture.wall)
    #expect(rows.map { freshness[$0.id] } == [.new, nil, nil])
  }

  @Test func theRowHasAGlyphAsWell() throws {
    var player = try looking(at: "3")
    var hosts = try Fixture.hosts()
    hosts[2].generation = 50
    player.model.table.apply(
      Fixture.window(hosts.map { .host($0) }), placement: .fresh, height: 10,
      at: player.now.monotonic)
    #expect(player.text.contains("~ hostc"))
    #expect(!player.text.contains("~ hostb"))
  }
}
