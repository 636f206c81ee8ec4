import Engine
import PAP
import Testing

@testable import Console

@Suite struct CounterTests {
  private static func row(_ address: Int, _ packets: UInt64) throws -> Row {
    .association(
      try Fixture.decode(
        """
        {"host": "hosta", "address": "198.51.100.\(address)", "protocol": "esp", "spiIn": null,
         "spiOut": null, "origin": "host", "created": "2025-01-31T10:00:00Z", "expires": null,
         "packets": \(packets), "bytes": 0, "lastSeen": null, "packetsPerSecond": 0.0,
         "bitsPerSecond": 0.0, "drops": 0}
        """))
  }

  private let second = Moment.second

  @Test func zeroedCountersBeginAgainAndTheRoutersGoOn() throws {
    var book = TallyBook()
    let row = try Self.row(7, 100)
    book.update([row], at: second)
    #expect(book.counts(of: row.id, .total).shown(100, \.packets) == 100)
    book.zero(at: 5)
    #expect(book.zeroedAt == 5)
    book.update([try Self.row(7, 130)], at: 2 * second)
    #expect(book.counts(of: row.id, .total).shown(130, \.packets) == 30)
    // A row that counts anew, since it is another one: whole.
    #expect(book.counts(of: row.id, .total).shown(20, \.packets) == 20)
  }

  @Test func aRowThatWasNotOnTheScreenBeginsWhenItIsSeen() throws {
    var book = TallyBook()
    book.update([try Self.row(7, 100)], at: second)
    book.zero(at: 5)
    let late = try Self.row(8, 1_000)
    book.update([late], at: 2 * second)
    #expect(book.counts(of: late.id, .total).shown(1_000, \.packets) == 0)
    #expect(book.counts(of: late.id, .total).shown(1_007, \.packets) == 7)
  }

  @Test func anIntervalIsWhatCameBetweenTwoLooks() throws {
    var book = TallyBook()
    let row = try Self.row(7, 100)
    book.update([row], at: second)
    #expect(book.counts(of: row.id, .interval).shown(100, \.packets) == 0)
    book.update([try Self.row(7, 142)], at: 2 * second)
    #expect(book.counts(of: row.id, .interval).shown(142, \.packets) == 42)
    // An answer right after the other is none.
    book.update([try Self.row(7, 143)], at: 2 * second + 1)
    #expect(book.counts(of: row.id, .interval).shown(143, \.packets) == 42)
    book.zero(at: 5)
    #expect(book.counts(of: row.id, .interval).shown(142, \.packets) == 42)
  }

  @Test func theHeadingSaysSinceWhenAndOfWhat() throws {
    var player = try Player.looking()
    player.press("6")
    try player.answerAll(second: 2)
    func heading() -> String {
      String(Screen.draw(player.model, glyphs: .ascii).text.split(separator: "\n")[3])
    }
    #expect(!heading().contains("since"))
    player.press("Z")
    #expect(heading().contains("Drops by reason, trend of 1 min  since 14:05:3"))
    player.press("t")
    #expect(heading().contains("of the last interval"))
    player.press("b")
    try player.answerAll(second: 2)
    #expect(heading().contains("Drops by source, trend of 1 min  of the last interval"))
    player.press("t")
    #expect(!heading().contains("since"), "each table has its own zero")
  }

  @Test func theOverviewIsZeroedWithItsReasonsAndExits() throws {
    var player = try Player.looking()
    #expect(Screen.draw(player.model, glyphs: .ascii).text.contains("spi-not-leased         3000"))
    player.press("Z")
    let text = Screen.draw(player.model, glyphs: .ascii).text
    #expect(text.contains("Drops by reason  since"))
    #expect(text.contains("nothing was dropped"))
    #expect(text.contains(" dropped 0 "))
  }
}

@Suite struct TrendTests {
  @Test(arguments: [(10, 5), (144, 24), (144, 60), (7, 7), (3, 9), (60, 59)])
  func aLongTimeIsShownWholeAndKeepsItsPeaks(_ count: Int, _ width: Int) {
    var values = Array(repeating: 1.0, count: count)
    values[count / 3] = 50
    let shown = Graph.fitted(values, width: width, glyphs: .unicode)
    #expect(shown.count == min(count, width))
    #expect(shown.max() == 50)
    #expect(shown.filter { $0 == 50 }.count == 1)
  }

  @Test func graphsShowTheSpanThatWasChosen() throws {
    var player = try Player.looking()
    player.press("6")
    try player.answerAll(second: 2)
    #expect(player.model.trend == Trend(player.model.history))
    player.press("w")
    #expect(player.asked.contains { $0.request == .trend(.tenMinutes) })
    try player.answerAll(second: 2)
    #expect(player.model.trend == Fixture.trend())
    // What changes every ten seconds is not asked for each second.
    player.wait(1)
    player.give(.tick)
    #expect(!player.asked.contains { $0.request == .trend(.tenMinutes) })
    player.wait(10)
    player.give(.tick)
    #expect(player.asked.contains { $0.request == .trend(.tenMinutes) })
  }

  @Test func countsOfASpanBecomeRates() throws {
    let report: HistoryReport = try Fixture.decode(
      """
      {"resolution": 600, "seconds": 1200, "drops": {"too-big": [600, 60], "malformed": [0, 0]},
       "dropped": [600, 60], "received": [0, 0],
       "forwarded": {"inbound": {"packets": [1200, 0], "bits": [0, 0]},
         "outbound": {"packets": [0, 0], "bits": [0, 0]}}}
      """)
    let trend = Trend(report)
    #expect(trend.dropped == [1, 0.1])
    #expect(trend.inbound == [2, 0])
    #expect(trend.reasons == ["too-big": [1, 0.1]])
  }
}

@Suite struct LadderTests {
  /// Sizes one after the other, and the rung that the screen stands on at the end.
  static let walks: [(sizes: [(Int, Int)], form: Layout.Form)] = [
    ([(80, 24)], .full), ([(80, 24), (79, 24)], .full), ([(80, 24), (78, 22)], .full),
    ([(80, 24), (77, 24)], .list), ([(80, 24), (80, 21)], .list), ([(79, 24)], .list),
    ([(79, 24), (80, 24)], .full), ([(132, 43), (118, 38)], .dashboard),
    ([(132, 43), (80, 24)], .full), ([(132, 43), (40, 10)], .narrow),
    ([(20, 5), (19, 4)], .counters), ([(20, 5), (17, 4)], .name), ([(20, 5), (1, 1)], .name),
  ]

  @Test(arguments: walks)
  func aRungIsLeftOnlyWhenTwoCellsAreMissing(_ sizes: [(Int, Int)], _ form: Layout.Form) throws {
    let first = try #require(sizes.first)
    var player = Player(Size(width: first.0, height: first.1))
    for size in sizes.dropFirst() {
      player.give(.resize(Size(width: size.0, height: size.1)))
    }
    #expect(player.model.layout.form == form)
  }
}

@Suite struct AlarmTests {
  private static func player(_ alarms: String, _ size: Size) throws -> Player {
    var player = Player(size)
    player.give(.linked)
    player.answer(.status(try Fixture.status(alarms: alarms))) { $0 == .status }
    return player
  }

  private static let two = """
    [{"code": "store-not-durable", "text": "NOT DURABLE, hosts get no answers: disk full",
      "since": "2025-01-31T14:05:00Z"},
     {"code": "ike-flood", "text": "IKE flood", "since": "2025-01-31T14:05:10Z"}]
    """

  @Test(arguments: [(80, 24), (60, 16), (132, 43)])
  func theyTakeThePlaceOfHintsAndLeaveTheWayOut(_ width: Int, _ height: Int) throws {
    let size = Size(width: width, height: height)
    let quiet = Screen.draw(try Self.player("[]", size).model, glyphs: .ascii).text
    #expect(!quiet.contains("NOT DURABLE"))
    let text = Screen.draw(try Self.player(Self.two, size).model, glyphs: .ascii).text
    let last = text.split(separator: "\n").last ?? ""
    #expect(last.contains("! NOT DURABLE, hosts get"))
    #expect(last.contains("(+1)") && last.contains("q quit") && last.contains("? help"))
  }

  @Test func theDashboardListsThemAll() throws {
    let player = try Self.player(Self.two, Size(width: 132, height: 43))
    let text = Screen.draw(player.model, glyphs: .ascii).text
    #expect(text.contains("IKE flood  since 14:05:10Z"))
  }

  @Test func theSmallestScreensHaveTheGravestAndTheWayOut() throws {
    let player = try Self.player(Self.two, Size(width: 20, height: 5))
    let text = Screen.draw(player.model, glyphs: .ascii).text
    #expect(text.contains("NOT DURABLE") && text.contains("q quit") && text.contains("drop"))
  }

  @Test func oneThatIsOverGoesAndNoneIsShownWithoutAnEngine() throws {
    var player = try Self.player(Self.two, Size(width: 80, height: 24))
    player.wait(1)
    player.give(.unlinked("gone"))
    #expect(player.model.alarms.isEmpty)
    player.give(.linked)
    player.answer(.status(try Fixture.status())) { $0 == .status }
    #expect(!Screen.draw(player.model, glyphs: .ascii).text.contains("NOT DURABLE"))
  }
}

@Suite struct OfferTests {
  /// Every reason is explained, and whatever is offered is an action that can be done where drops are.
  @Test func everyReasonIsExplainedAndOffersSomething() {
    for reason in DropReason.allCases {
      let words = DropExplanation.of(reason)
      #expect(!words.summary.isEmpty && !words.meaning.isEmpty && !words.advice.isEmpty)
      let offers = DropExplanation.offers(for: reason.name)
      #expect(!offers.isEmpty, "\(reason)")
      for id in offers {
        #expect(Action.named(id)?.applies(in: .log) == true, "\(reason): \(id)")
        #expect(Action.named(id)?.applies(in: .drops) == true, "\(reason): \(id)")
      }
    }
    #expect(DropExplanation.offers(for: "boredom").isEmpty)
  }

  @Test func aReadOnlyConsoleSaysWhyAnOfferCannotBeTaken() throws {
    for readOnly in [false, true] {
      var player = try Player.looking(
        Size(width: 100, height: 40), settings: .init(readOnly: readOnly))
      player.press("5")
      try player.answerAll(second: 2)
      player.press("j", "j", .enter)
      try player.answerAll(second: 2)
      let text = Screen.draw(player.model, glyphs: .ascii).text
      #expect(text.contains("validate 192.0.2.77 for hosta"))
      #expect(
        text.contains("validate 192.0.2.77 for hosta: this console may only look") == readOnly)
    }
  }

  @Test func theKeysOfOffersActOnTheRow() throws {
    var player = try Player.looking(Size(width: 100, height: 40))
    player.press("5", "j", "j")
    try player.answerAll(second: 2)
    player.press("j", "j", .enter)
    player.press("O")
    #expect(player.model.view == .associations)
    #expect(player.model.table.filter == "host=hosta")
    player.press(.escape, "7")
    try player.answerAll(second: 2)
    player.press("G", "o")
    #expect(player.model.view == .log)
    #expect(player.model.table.filter == "source=203.0.113.99")
  }
}

@Suite struct HostDetailTests {
  @Test func aHostIsAskedForWholeWhileItIsOpen() throws {
    var player = try Player.looking(Size(width: 100, height: 50))
    player.press("3")
    try player.answerAll(second: 2)
    player.press(.enter)
    #expect(player.asked.contains { $0.request == .host("hosta") })
    #expect(!Screen.draw(player.model, glyphs: .ascii).text.contains("0x2a000001"))
    try player.answerAll(second: 2)
    let text = Screen.draw(player.model, glyphs: .ascii).text
    for word in ["0x2a000001", "Busiest peers, 2 of 2", "1 half-open", "address-not-validated"] {
      #expect(text.contains(word), "\(word)")
    }
    player.press(.escape)
    player.wait(1)
    player.give(.tick)
    #expect(!player.asked.contains { $0.request == .host("hosta") })
  }
}
