import Engine
import Testing

@testable import Console

/// Columns, orders, finding, following, places and times, by the keys that do them.
@Suite struct TableCraftTests {
  private func player(_ view: Key, _ size: Size = Size(width: 80, height: 24)) throws -> Player {
    var player = try Player.looking(size)
    player.press(view)
    try player.answerAll(second: 2)
    return player
  }

  private func text(_ player: Player) -> String { Screen.draw(player.model, glyphs: .ascii).text }

  private func saved(_ player: Player) -> Preferences? {
    player.effects.reversed().lazy.compactMap { effect in
      if case .save(let preferences) = effect { preferences } else { nil }
    }.first
  }

  // MARK: Columns

  @Test func aColumnThatIsOnTheScreenGoesAndOneThatIsNotComes() throws {
    var player = try player("2")
    #expect(text(player).contains("EXPIRES") && !text(player).contains("SPI OUT"))
    player.press("C")
    let titles = player.model.items(of: try #require(player.model.menu)).map(\.label)
    #expect(titles == Columns.of(.associations).dropFirst(2).map(\.title))
    let expires = try #require(titles.firstIndex(of: "EXPIRES"))
    for _ in 0..<expires { player.press("j") }
    player.press(" ")
    for _ in 0..<titles.count { player.press("k") }
    let spiOut = try #require(titles.firstIndex(of: "SPI OUT"))
    for _ in 0..<spiOut { player.press(.down) }
    player.press(.enter, .escape)
    #expect(player.model.menu == nil)
    #expect(!text(player).contains("EXPIRES") && text(player).contains("SPI OUT"))
    #expect(
      saved(player)?.tables[.associations] == .init(wanted: ["SPI OUT"], hidden: ["EXPIRES"]))
    // As it was.
    player.press("C")
    for _ in 0..<expires { player.press("j") }
    player.press(.delete, "C")
    #expect(saved(player)?.tables[.associations] == .init(wanted: ["SPI OUT"]))
  }

  @Test func theColumnsThatNameTheRowStay() throws {
    var settings = Model.Settings()
    settings.preferences.tables[.associations] = .init(
      hidden: Set(Columns.of(.associations).map(\.title)))
    var player = try Player.looking(settings: settings)
    player.press("2")
    try player.answerAll()
    #expect(player.model.columns.map(\.title) == ["", "HOST"])
    #expect(text(player).contains("hosta"))
  }

  @Test func scrollingEndsWhereTheLastColumnIsSeenAndKeepsTheFirst() throws {
    for view in ViewID.allCases where view.isTable {
      for width in [40, 60, 80, 132, 200] {
        let columns = Columns.of(view)
        let most = ColumnPlan.mostSkipped(columns, width: width)
        let last = ColumnPlan(columns, width: width, skipped: most).places
        #expect(last.last?.column.title == columns.last?.title, "\(view) at \(width)")
        #expect(last.prefix(2).map(\.column.title) == columns.prefix(2).map(\.title))
        guard most > 1 else { continue }
        let before = ColumnPlan(columns, width: width, skipped: most - 1).places
        #expect(before.last?.column.title != columns.last?.title, "\(view) at \(width)")
      }
    }
  }

  // MARK: Order

  @Test func theMenuSortsByAColumnAndReversesTheOneInForce() throws {
    var player = try player("2")
    player.press("s")
    let items = player.model.items(of: try #require(player.model.menu))
    #expect(items[player.model.menu?.selected ?? -1].label == "HOST")
    let packets = try #require(items.firstIndex { $0.label == "PACKETS" })
    for _ in 0..<packets { player.press("j") }
    player.press(.enter)
    #expect(player.model.menu == nil)
    #expect(player.model.table.sort == "packets" && player.model.table.descending)
    player.press("s", .enter)
    #expect(player.model.table.sort == "packets" && !player.model.table.descending)
    #expect(
      saved(player)?.tables[.associations]?.sort == .init(field: "packets", descending: false))
  }

  @Test func aTableComesUpInTheOrderThatWasChosen() throws {
    var settings = Model.Settings()
    settings.preferences.tables[.associations] = .init(
      sort: .init(field: "spiIn", descending: true))
    settings.preferences.tables[.hosts] = .init(sort: .init(field: "nosuch", descending: true))
    let player = try Player.looking(settings: settings)
    #expect(player.model.tables[.associations]?.sort == "spiIn")
    #expect(player.model.tables[.associations]?.descending == true)
    #expect(player.model.tables[.hosts]?.sort == "name")
  }

  // MARK: Find

  @Test func findGoesThroughAllRowsRoundTheCorner() throws {
    var player = try player("5")
    player.press(.function(3))
    player.type("192.0.2.77")
    player.press(.enter)
    try player.answerAll()
    let places = try Fixture.drops().indices.filter {
      try Fixture.drops()[$0].reason == "address-not-validated"
    }
    #expect(player.model.table.selected == places[0])
    for place in places.dropFirst() {
      player.press("n")
      try player.answerAll()
      #expect(player.model.table.selected == place)
    }
    #expect(player.model.notice == nil)
    player.press("n")
    try player.answerAll()
    #expect(player.model.table.selected == places[0])
    #expect(player.model.notice?.text == "from the first row on")
    player.press("N")
    try player.answerAll()
    #expect(player.model.table.selected == places.last)
    // What was found stands out.
    let grid = Screen.draw(player.model, glyphs: .ascii)
    #expect(grid.cells.contains { $0.role == .match })
  }

  @Test func findSaysWhenThereIsNothing() throws {
    var player = try player("2")
    player.press("n")
    #expect(player.model.notice?.text == "nothing was looked for yet: F3 begins")
    player.press(.function(3))
    player.type("Hosta")
    player.press(.enter)
    try player.answerAll()
    #expect(player.model.notice?.text == "no row has 'Hosta'")
    #expect(player.model.table.selected == 0)
  }

  @Test func anAnswerForAnotherTextMovesNothing() throws {
    var player = try player("2")
    player.press(.function(3))
    player.type("hostb")
    player.press(.enter)
    let old = player.taken { if case .find = $0 { true } else { false } }
    player.model.table.find = "other"
    let row = try #require(player.model.table.row(at: 2))
    player.give(.reply(id: try #require(old.first).id, .found(2, row)))
    #expect(player.model.table.selected == 0)
  }

  /// The log grows between the answer that says where the row is and the rows.
  @Test func whatWasFoundStaysFoundWhenRowsComeBeforeIt() throws {
    var player = try player("5")
    let rows = try Fixture.drops(count: 300).map { Row.drop($0) }
    player.model.table.matched = 300
    player.press(.function(3))
    player.type("x")
    player.press(.enter)
    let asked = player.taken { if case .find = $0 { true } else { false } }
    player.give(.reply(id: try #require(asked.first).id, .found(250, rows[250])))
    let window = player.taken {
      if case .window(let query) = $0 { query.view == .log } else { false }
    }
    guard case .window(let query)? = window.last?.request else {
      Issue.record("no rows were asked for")
      return
    }
    // Three more came: every row is three further down.
    let shown = (query.offset..<query.offset + query.count).map { rows[min($0 - 3, 299)] }
    player.give(
      .reply(
        id: try #require(window.last).id,
        .window(Fixture.window(shown, offset: query.offset, matched: 303))))
    #expect(player.model.table.selected == 253)
    #expect(player.model.table.selectedRow?.id == rows[250].id)
  }

  static let words: [(word: String, text: String, count: Int)] = [
    ("host", "hostA Hostb HOST", 3), ("Host", "hostA Hostb HOST", 1), ("", "abc", 0),
    ("aa", "aaaa", 2), ("abc", "ab", 0), ("é", "É é", 2), ("c", "abc", 1),
  ]

  @Test(arguments: words.indices)
  func aWordWithoutCapitalsIsFoundWhateverTheCase(_ index: Int) {
    let (word, text, count) = Self.words[index]
    let ranges = FindWord(word).ranges(in: text)
    #expect(ranges.count == count)
    let runs = [TextRun(text)].highlighting(FindWord(word))
    #expect(runs.map(\.text).joined() == text)
    #expect(runs.filter { $0.role == .match }.count == count)
  }

  // MARK: Filter by a cell

  @Test func aCellOfTheRowBecomesATermOfTheFilter() throws {
    var player = try player("2")
    player.press("=")
    let items = player.model.items(of: try #require(player.model.menu))
    #expect(
      items.map(\.label) == [
        "host=hosta", "address=198.51.100.7", "protocol=esp", "spiIn=0x10010007",
        "spiOut=0x77c0e1aa", "packetsPerSecond>=12400", "bitsPerSecond>=98100000",
        "packets>=1224800", "lastSeen>=2025-01-31T14:05:32Z", "created>=2025-01-29T10:00:00Z",
        "expires<=2025-01-31T14:46:40Z", "drops>=12", "origin=host",
      ])
    player.press(.enter)
    #expect(player.model.table.filter == "host=hosta")
    player.press("=", "j", "!")
    #expect(player.model.table.filter == "host=hosta address!=198.51.100.7")
    #expect(
      player.asked.contains { asked in
        if case .window(let query) = asked.request {
          query.filter == "host=hosta address!=198.51.100.7"
        } else {
          false
        }
      })
  }

  /// Every cell of every view makes a filter that the router reads, and so does its opposite.
  @Test(arguments: ViewID.tables)
  func everyCellMakesAFilter(_ view: ViewID) throws {
    var player = try Player.looking()
    player.model.view = view
    player.give(.tick)
    try player.answerAll(second: 2)
    let fields = Set(Columns.of(view).flatMap(\.fields))
    var seen: Set<String> = []
    for index in player.model.table.rows.indices {
      player.model.table.select(index, height: 20)
      for term in player.model.cellTerms {
        seen.insert(term.field)
        for text in [term.text, term.negated.text] {
          #expect(view.fault(in: text) == nil, "\(text)")
        }
      }
    }
    #expect(seen == fields)
    player.press("=")
    #expect(player.model.menu != nil)
  }

  @Test func anAbsentValueAndAListMakeTermsToo() throws {
    var player = try player("2")
    player.press("j")
    #expect(player.model.cellTerms.contains(FilterTerm(field: "spiIn", value: "")))
    #expect(FilterTerm(field: "spiIn", value: "").negated.text == "spiIn!=")
    player.press("4", "j")
    try player.answerAll()
    player.press("j")
    let hosts = player.model.cellTerms.filter { $0.field == "hosts" }
    #expect(hosts.map(\.text) == ["hosts=hosta", "hosts=hostb"])
  }

  @Test func theCellInSightIsChosenFirst() throws {
    var player = try player("2")
    func chosen() throws -> String {
      let menu = try #require(player.model.menu)
      return player.model.items(of: menu)[menu.selected].label
    }
    player.press(">", "=")
    #expect(try chosen().hasPrefix(player.model.table.sort))
    player.press(.escape, "l", "l", "=")
    let places = player.model.columnPlan.places
    #expect(try chosen().hasPrefix(try #require(places[2].column.fields.first)))
  }

  /// What a column shows is known to the router by that name; what is a moment is written as one.
  @Test(arguments: ViewID.tables)
  func columnsNameFieldsOfTheRouter(_ view: ViewID) throws {
    let fields = try #require(view.window.flatMap(ViewFields.of)).fields
    for column in Columns.of(view) {
      for name in column.fields + [column.sortField].compactMap({ $0 }) {
        let field = fields.first { $0.name == name }
        #expect(field != nil, "\(view) \(column.title): \(name)")
        guard let field, column.title != "DATE" else { continue }
        let isTime = field.kind == .moment || field.kind == .deadline
        #expect(column.isTime == isTime, "\(view) \(column.title)")
      }
    }
  }

  @Test func theRouterIsToldInWhichColumnsAWordCounts() throws {
    var player = try player("2")
    #expect(player.model.query?.columns == [])
    player.press("/")
    player.type("hosta")
    player.press(.enter)
    let all = try #require(player.model.query).columns
    #expect(all.contains("host") && all.contains("spiOut") && !all.contains("id"))
    player.model.preferences.tables[.associations] = .init(hidden: ["SPI OUT"])
    #expect(player.model.query?.columns == all.filter { $0 != "spiOut" })
    player.press(" ", "*")
    for (_, request) in player.asked {
      guard case .window(let query) = request, !query.filter.isEmpty else { continue }
      #expect(
        query.columns == (query.columns.contains("spiOut") ? all : all.filter { $0 != "spiOut" }))
    }
  }

  static let terms: [(field: String, value: String, filter: String, result: String)] = [
    ("host", "hosta", "", "host=hosta"), ("spiIn", "", "esp", "esp spiIn="),
    ("reason", "two words", "", "reason=\"two words\""),
    ("target", "192.0.2.0/24", "a or b", "(a or b) target=192.0.2.0/24"),
    ("time", "2025-01-31T14:05:32Z", "order", "order time=2025-01-31T14:05:32Z"),
    ("by", "ana(1)", "", "by=\"ana(1)\""),
  ]

  @Test(arguments: terms.indices)
  func termsAreWrittenAsFiltersReadThem(_ index: Int) {
    let (field, value, filter, result) = Self.terms[index]
    #expect(
      FilterTerm.adding(FilterTerm.text(field: field, value: value), to: filter) == result)
  }

  // MARK: Places

  @Test func placesAreGoneBackAndForwardThroughWithTheirFilters() throws {
    var player = try player("4")
    player.press("o")
    #expect(player.model.place == Place(view: .log, filter: "source=192.0.2.66"))
    player.press("2")
    #expect(player.model.view == .associations)
    player.press("[")
    #expect(player.model.place == Place(view: .log, filter: "source=192.0.2.66"))
    player.press("[")
    #expect(player.model.place == Place(view: .peers, filter: ""))
    player.press("]", "]")
    #expect(player.model.view == .associations)
    player.press("]")
    #expect(player.model.notice?.text == "there is no place to go forward to")
    player.press("[", "1", "]")
    #expect(player.model.notice?.text == "there is no place to go forward to")
  }

  // MARK: Follow

  @Test func followingStaysAtTheNewestDropUntilTheCursorMoves() throws {
    var player = try player("5")
    #expect(player.model.isFollowing && text(player).contains("Drop log  FOLLOW"))
    player.press("j", "j")
    #expect(!player.model.isFollowing && !text(player).contains("FOLLOW"))
    player.press("F")
    #expect(player.model.isFollowing && player.model.table.selected == 0)
    player.press("j", "p", .end)
    #expect(player.model.isFollowing && !player.model.isFrozen)
    player.press("F")
    #expect(!player.model.isFollowing)
    player.press("g")
    #expect(player.model.isFollowing)
  }

  @Test func whoDoesNotFollowKeepsTheRow() throws {
    var player = try player("5")
    player.press("F")
    let id = player.model.table.selectedID
    let newest = try Fixture.drops(count: 40).prefix(10)
    let rows = (newest + (try Fixture.drops())).map { Row.drop($0) }
    player.model.table.apply(
      Fixture.window(rows), placement: .anchored, height: 10, at: 0)
    #expect(player.model.table.selectedID == id && id != rows[0].id)
    player.press("F")
    player.model.table.apply(
      Fixture.window(try Fixture.drops(count: 50).map { .drop($0) }), placement: .anchored,
      height: 10, at: 0)
    #expect(player.model.table.selected == 0)
  }

  @Test func followingAnotherOrderGoesBackToThatOfTime() throws {
    var player = try player("5")
    player.press("r")
    #expect(!player.model.isFollowing)
    player.press("F")
    #expect(player.model.isFollowing && player.model.table.descending)
  }

  // MARK: Times and refresh

  @Test func timesAreWrittenInFourWays() throws {
    var player = try player("2", Size(width: 200, height: 50))
    var settings = Model.Settings()
    // A zone that is two hours ahead from January 31, 13:00 UTC on, and one before that.
    settings.timeOffset = { $0 >= 1_738_328_400 ? 7200 : 3600 }
    player = try Player.looking(Size(width: 200, height: 50), settings: settings)
    player.press("2")
    try player.answerAll()
    let wanted: [(TimeFormat, [String])] = [
      (.usual, ["2d04h", "45m"]), (.age, ["2d04h", "45m"]), (.utc, ["01-29 10:00", "13:20:00"]),
      (.local, ["01-29 11:00", "15:20:00"]),
      (.iso, ["2025-01-29T10:00:00Z", "2025-01-31T13:20:00Z"]),
    ]
    for (format, texts) in wanted {
      #expect(player.model.preferences.time == format)
      for part in texts { #expect(text(player).contains(part), "\(format): \(part)") }
      player.press("T")
    }
    #expect(player.model.preferences.time == .usual)
    #expect(saved(player)?.time == .usual)
  }

  @Test func theLogHasItsClockUnlessAgesAreWanted() throws {
    var player = try player("5")
    #expect(text(player).contains("14:05:31"))
    player.press("T")
    #expect(!text(player).contains("14:05:30"))
    player.press("T")
    #expect(text(player).contains("14:05:31"))
  }

  @Test func theRefreshHasSixSpeeds() throws {
    var player = try player("2")
    var seen: [String] = []
    for _ in 0..<4 {
      seen.append(player.model.preferences.refresh.rawValue)
      player.press("}")
    }
    #expect(seen == ["1", "2", "5", "10"])
    #expect(player.model.notice?.text == "it cannot be faster")
    #expect(player.model.tickInterval == Moment.second / 10)
    for _ in 0..<6 { player.press("{") }
    #expect(player.model.preferences.refresh == .everyFiveSeconds)
    #expect(player.model.notice?.text == "it cannot be slower")
    #expect(saved(player)?.refresh == .everyFiveSeconds)
  }

  @Test func aSlowRefreshLooksAtTheRouterAtSomeTicksOnly() throws {
    var settings = Model.Settings()
    settings.preferences.refresh = .everyFiveSeconds
    var player = Player(settings: settings)
    player.give(.linked)
    try player.answerAll()
    var looks: [Int] = []
    for second in 1...12 {
      player.wait(1)
      player.give(.tick)
      if player.asked.contains(where: { $0.request == .status }) { looks.append(second) }
      try player.answerAll()
    }
    #expect(looks == [1, 6, 11])
  }

  // MARK: Settings

  @Test func everySettingCanBeChangedFromTheirScreen() throws {
    var settings = Model.Settings()
    settings.themes = ["default-dark", "mono"]
    settings.preferences.filters = ["ours": .init(view: .peers, text: "state=revoked")]
    var player = try Player.looking(settings: settings)
    player.press("2", .function(2))
    player.press(.left)
    #expect(player.model.preferences.theme == "mono")
    #expect(player.effects.contains(.restyle))
    player.press("l")
    #expect(player.model.preferences.theme == "auto")
    player.press("j", " ")
    #expect(player.model.preferences.time == .age)
    player.press("j", .left)
    #expect(player.model.preferences.refresh == .everyTwoSeconds)
    player.press("j", .right)
    #expect(player.model.preferences.glyphs == .braille)
    player.press(.left, .left)
    #expect(player.model.preferences.glyphs == .ascii)
    player.press("j", .enter)
    #expect(!player.model.strip)
    player.press("j", .enter)
    #expect(player.model.preferences.mouse && saved(player)?.mouse == true)
    player.press("j", .enter)
    #expect(player.model.menu?.purpose == .columns)
    player.press("C", .function(2), "G", .enter)
    #expect(player.model.place == Place(view: .peers, filter: "state=revoked"))
    player.press(.function(2), "G", .delete)
    #expect(saved(player)?.filters.isEmpty == true)
    #expect(saved(player) == player.model.preferences)
  }

  @Test(arguments: [true, false])
  func glyphsThatCannotBeShownAreSaidToBe(_ isASCIIOnly: Bool) throws {
    var settings = Model.Settings()
    settings.isASCIIOnly = isASCIIOnly
    settings.preferences.glyphs = .braille
    var player = try Player.looking(settings: settings)
    player.press(.function(2))
    let text = Screen.draw(player.model, glyphs: .ascii).text
    #expect(text.contains("braille, but only ASCII is shown here") == isASCIIOnly)
    #expect(text.contains("braille"))
  }

  @Test func whatCannotBeKeptIsSaid() throws {
    var player = try player("2")
    player.give(.warning("settings are not kept: cannot write"))
    #expect(player.model.notice?.kind == .failed)
  }
}
