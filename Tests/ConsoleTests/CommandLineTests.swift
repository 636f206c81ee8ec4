import ArgumentParser
import Engine
import FoundationEssentials
import PAP
import Testing

@testable import Console

@Suite struct CommandWordsTests {
  static let lines: [(line: String, words: [String], columns: [Int])] = [
    ("", [], []), ("  ", [], []), ("a", ["a"], [1]), (" a  bc ", ["a", "bc"], [2, 5]),
    ("r --reason \"two words\" x", ["r", "--reason", "two words", "x"], [1, 3, 12, 24]),
    ("a'b c'd \"\"", ["ab cd", ""], [1, 9]), ("\"it's\"", ["it's"], [1]),
  ]

  @Test(arguments: lines.indices)
  func aLineIsCutAtItsBlanksButNotWithinQuotes(_ index: Int) {
    let words = CommandWords(Self.lines[index].line)
    #expect(words.words.map(\.text) == Self.lines[index].words)
    #expect(words.words.map(\.column) == Self.lines[index].columns)
    #expect(words.openQuote == nil)
  }

  @Test func aQuoteThatIsNeverClosedIsNoticed() {
    #expect(CommandWords("ab \"c d").openQuote == 4)
  }
}

@Suite struct InstructionTests {
  private static func reader() throws -> InstructionReader {
    var player = try Player.looking()
    player.press("2")
    try player.answerAll()
    player.model.table.filter = "esp"
    player.model.table.acceptedFilter = "esp"
    player.model.preferences.filters["ours"] = .init(view: .peers, text: "state=revoked")
    return InstructionReader(model: player.model)
  }

  private static func address(_ text: String) -> IPv4Address {
    IPv4Address(text) ?? IPv4Address(rawValue: 0)
  }

  static let lines: [(line: String, instruction: Instruction)] = [
    ("sa", .show(.associations, filter: nil)), ("hosts", .show(.hosts, filter: nil)),
    ("sa --host hosta", .show(.associations, filter: "host=hosta")),
    (
      "sa --address 192.0.2.7 --host=hostb",
      .show(.associations, filter: "host=hostb address=192.0.2.7")
    ),
    ("drops --reason malformed", .show(.log, filter: "reason=malformed")),
    ("drops --follow", .follow(filter: nil)),
    ("sa --filter \"idle>5m or !esp\"", .show(.associations, filter: "idle>5m or !esp")),
    (
      "sa --filter 'a or b' --host hosta",
      .show(.associations, filter: "(a or b) host=hosta")
    ),
    ("hosts --filter=state=active", .show(.hosts, filter: "state=active")),
    (
      "drops --follow --filter len>99 --reason malformed",
      .follow(filter: "len>99 reason=malformed")
    ),
    (
      "revocations --filter by=ana", .show(.peers, filter: "by=ana state=revoked")
    ),
    ("audit --filter actor=ana", .show(.audit, filter: "actor=ana")),
    ("audit", .show(.audit, filter: nil)), ("audit --verify", .verifyAudit),
    ("reload", .command(.reload(reason: nil))), ("undo", .action(.undo)), ("undo 12", .undo(12)),
    ("keep", .action(.keep)), ("keep 12", .keep(12)), ("log", .show(.log, filter: nil)),
    ("stats", .show(.drops, filter: nil)), ("status", .show(.overview, filter: nil)),
    ("revocations", .show(.peers, filter: "state=revoked")),
    ("revoke", .action(.revoke)), ("unrevoke", .action(.lift)), ("freeze", .action(.freeze)),
    ("find", .action(.find)), ("find two  words", .find("two  words")),
    ("filter host=a or esp", .filter("host=a or esp")), ("filter", .action(.filter)),
    ("save mine", .save("mine")), ("forget ours", .forget("ours")), ("ours", .savedFilter("ours")),
    ("theme mono", .theme("mono")), ("theme ./x.toml", .theme("./x.toml")),
    ("refresh 0.2", .refresh(.everyFiveSeconds)), ("time iso", .time(.iso)),
    ("sort packets", .sort("packets", descending: nil)), ("sort", .action(.sortMenu)),
    ("sort age --descending", .sort("created", descending: true)),
    ("hosta", .show(.hosts, filter: "name=hosta")),
    ("198.51.100.9", .show(.peers, filter: "target=198.51.100.9/32")),
    ("suspend hosta", .command(.suspend(host: "hosta"))),
    ("resume hosta", .command(.resume(host: "hosta"))),
    (
      "revoke 192.0.2.0/24 --reason \"stolen key\"",
      .command(
        .revoke(
          CIDR(address("192.0.2.0"), prefixLength: 24), host: nil, seconds: nil,
          reason: "stolen key"))
    ),
  ]

  @Test(arguments: lines.indices)
  func aLineSaysWhatIsToBeDone(_ index: Int) throws {
    var reader = try Self.reader()
    reader = InstructionReader(model: Self.themed(reader.model))
    #expect(try reader.read(Self.lines[index].line) == Self.lines[index].instruction)
  }

  private static func themed(_ model: Model) -> Model {
    var settings = model.settings
    settings.themes = ["mono", "tritan"]
    var themed = Model(settings: settings, size: model.size, now: model.now)
    themed.view = model.view
    themed.tables = model.tables
    themed.hosts = model.hosts
    themed.preferences = model.preferences
    return themed
  }

  /// A line, the column at which it is wrong, and what is said.
  static let mistakes: [(line: String, column: Int, says: String)] = [
    ("rvoke 192.0.2.7", 1, "there is no 'rvoke'; did you mean 'revoke'?"),
    ("  nosuch", 3, "there is no 'nosuch'"),
    ("revoke 192.0.2.300", 8, "'192.0.2.300' is not an address or prefix"),
    ("revoke 192.0.2.7/24", 8, "without bits beyond its length"),
    ("revoke 192.0.2.7 --for soon", 24, "'soon' is not a duration"),
    ("revoke 192.0.2.7 --for=soon", 24, "'soon' is not a duration"),
    ("revoke 192.0.2.7 --for", 23, "--for wants a value"),
    ("revoke 192.0.2.7 --four 2h", 18, "there is no option --four: revoke TARGET [--host HOST]"),
    ("revoke 192.0.2.7 --host hosta --host hostb", 31, "--host is there twice"),
    ("revoke 192.0.2.7 192.0.2.8", 18, "'192.0.2.8' is too much"),
    ("revoke --for 2h", 16, "TARGET is missing"),
    ("validate 192.0.2.7", 19, "--host is missing: validate ADDRESS --host HOST"),
    ("validate 192.0.2.7 --host hostx", 27, "there is no host 'hostx'; did you mean 'hosta'?"),
    ("validate 192.0.2.7 --host hosta --spi 0x10", 39, "is not an SPI of 0x100 or more"),
    ("validate 192.0.2.7 --host hosta --protocol tcp", 44, "'tcp' is not esp, ah or any"),
    ("invalidate 192.0.2.0/24", 12, "is not an IPv4 address"),
    ("drops --reason malformd", 16, "did you mean 'malformed'?"),
    ("reload now", 8, "'now' is too much: reload"),
    ("undo twelve", 6, "'twelve' is not the number of an action"),
    ("undo 0", 6, "is not the number of an action"), ("keep 1 2", 8, "'2' is too much"),
    ("sa --json", 4, "--json is for programs"), ("undo 12 --json", 9, "--json is for programs"),
    ("sa --limit 5", 4, "the table here has all rows"),
    ("drops --last=5", 7, "the table here has all rows"),
    ("audit --limit 5", 7, "the table here has all rows"),
    ("status --socket /x", 8, "this console has its router"),
    ("stats --version", 7, "dnat-console --version"), ("theme --json", 7, "there is no option"),
    ("revoke --help", 8, "revoke TARGET [--host HOST]"), ("hosts -h", 7, "hosts [--filter FILTER]"),
    ("sa --filter hsot=a", 13, "did you mean 'host'?"),
    ("sa --filter \"esp hsot=a\"", 18, "did you mean 'host'?"),
    ("sa --filter=\"esp hsot=a\"", 18, "did you mean 'host'?"),
    ("sa --filter=esp' 'hsot=a", 19, "did you mean 'host'?"),
    ("hosts --filter len>5", 16, "there is no field 'len'"),
    ("audit --verify --filter x", 25, "--verify looks at every row: no --filter"),
    ("filter  esp nosuch=1", 13, "there is no field 'nosuch'"), ("filter (a", 8, "never closed"),
    ("freeze now", 8, "'freeze' takes nothing"),
    ("refresh 3", 9, "'3' is not a rate: 0.2, 0.5, 1, 2, 5, 10"),
    ("time noon", 6, "usual, age, utc, local, iso"),
    ("theme mon", 7, "there is no theme 'mon'; did you mean 'mono'?"),
    ("sort nosuch", 6, "there is no column to sort by 'nosuch'"),
    ("save 9", 6, "is no name"), ("save log", 6, "means something else"),
    ("forget our", 8, "did you mean 'ours'?"),
    ("suspend \"hosta", 9, "the quote is never closed"),
  ]

  @Test(arguments: mistakes.indices)
  func aMistakeIsSaidAtItsPlace(_ index: Int) throws {
    let mistake = Self.mistakes[index]
    let reader = InstructionReader(model: Self.themed(try Self.reader().model))
    let problem = #expect(throws: CommandProblem.self) { try reader.read(mistake.line) }
    #expect(problem?.column == mistake.column)
    #expect(problem?.message.contains(mistake.says) == true, "\(problem?.message ?? "")")
  }

  @Test func anEmptyLineAsksForNothing() throws {
    #expect(try Self.reader().read("   ") == nil)
  }

  /// Lines of words put together at random: each is read or refused at a place in it, and can be
  /// completed.
  @Test func noLineIsTooWild() throws {
    let seed: UInt64 = 20_251_122
    var random = SeededRandom(seed: seed)
    let model = try Self.reader().model
    let words =
      CommandVerb.all.flatMap { [$0.name] + $0.options.map { "--\($0.name)" } }
      + [
        " ", "  ", "=", "--", "-", "\"", "'", "198.51.100.7", "192.0.2.0/24", "hosta", "1h", "é",
        "\0",
      ]
    for step in 0..<3_000 {
      let line = (0..<random.next() % 7).map { _ in
        words[Int(random.next() % UInt64(words.count))] + (random.next() % 2 == 0 ? " " : "")
      }.joined()
      let length = line.unicodeScalars.count
      var column = 1
      do throws(CommandProblem) {
        _ = try InstructionReader(model: model).read(line)
      } catch {
        column = error.column
        #expect(!error.message.isEmpty)
      }
      let all = CommandCompletion(model: model, peers: ["192.0.2.1"]).candidates(for: line)
      guard (1...length + 1).contains(column), all.allSatisfy({ !$0.text.isEmpty }) else {
        Issue.record("step \(step) of seed \(seed): '\(line)' at \(column)")
        return
      }
    }
  }

  // MARK: ctl

  static let acting = [
    "validate 192.0.2.7 --host hosta", "validate 192.0.2.7 --host hosta --protocol ah --for 90",
    "validate --host=hostb --spi 0x10010001 192.0.2.7", "invalidate 192.0.2.7",
    "invalidate 192.0.2.7 --host hosta --spi 300", "revoke 192.0.2.7",
    "revoke 192.0.2.0/24 --for 2h --reason 'two words'", "revoke --host hosta 192.0.2.7 --for=1d",
    "unrevoke 192.0.2.7", "unrevoke 192.0.2.0/24 --host hostb", "suspend hosta", "resume hosta",
  ]

  /// The same line given to `ctl` asks the engine for the same.
  @Test(arguments: acting)
  func verbsAreWrittenAsForCtl(_ line: String) throws {
    let words = CommandWords(line).words.map(\.text)
    let parsed = try #require(try Ctl.parseAsRoot(words) as? any CtlAction)
    let instruction = try Self.reader().read(line)
    guard case .command(let command)? = instruction else {
      Issue.record("\(line) is no command")
      return
    }
    guard
      case .object(let arguments)? = EngineCodec.encode(.explain(command)).arguments["arguments"]
    else {
      Issue.record("no arguments")
      return
    }
    var wanted = parsed.action.compactMapValues { $0 }
    if words.first == "validate", wanted["protocol"] == nil { wanted["protocol"] = "any" }
    #expect(arguments == wanted)
    #expect(type(of: parsed).verb == command.verb)
  }

  static let refused = [
    "validate 192.0.2.7", "revoke", "revoke 192.0.2.7 192.0.2.8", "revoke 192.0.2.7/24",
    "revoke 192.0.2.7 --for soon", "invalidate 192.0.2.7 --spi x", "suspend hosta hostb",
    "revoke 192.0.2.7 --nosuch x", "unrevoke 192.0.2.7 --for 2h",
  ]

  @Test(arguments: refused)
  func whatCtlRefusesIsRefusedHere(_ line: String) throws {
    let words = CommandWords(line).words.map(\.text)
    #expect(throws: (any Error).self) { try Ctl.parseAsRoot(words) }
    // A verb alone is about the row under the cursor.
    if words.count == 1 { return }
    let reader = try Self.reader()
    #expect(throws: CommandProblem.self) { try reader.read(line) }
  }

  /// Every verb of `ctl` is one here, and each of its options is taken, or refused with a reason.
  @Test func everyVerbAndOptionOfCtlIsKnown() throws {
    for command in Ctl.configuration.subcommands {
      let verb = try #require(CommandVerb.named(command._commandName))
      #expect(verb.isOfCtl)
      let help = Ctl.helpMessage(for: command, columns: 10_000)
      let usage = try #require(help.split(separator: "\n").first { $0.hasPrefix("USAGE:") })
      let options = usage.split(separator: "--").dropFirst().map { part in
        String(part.prefix { $0.isLetter })
      }
      #expect(options.contains("json"))
      for option in options + ["help", "version"] {
        let isTaken = verb.options.contains { $0.name == option }
        #expect(isTaken != (verb.reason(against: option) != nil), "\(verb.name) --\(option)")
      }
    }
  }
}

@Suite struct CompletionTests {
  private func texts(_ text: String, peers: [String] = []) throws -> [String] {
    var player = try Player.looking()
    player.press("2")
    try player.answerAll()
    player.model.preferences.filters["ours"] = .init(view: .peers, text: "state=revoked")
    return CommandCompletion(model: player.model, peers: peers).candidates(for: text).map(\.text)
  }

  @Test func theFirstWordIsAVerbAViewAnActionAHostAPeerOrAFilter() throws {
    let all = try texts("", peers: ["192.0.2.66"])
    for text in [
      "revoke", "overview", "log", "freeze", "hosta", "198.51.100.7", "192.0.2.66", "ours",
    ] {
      #expect(all.contains(text), "\(text)")
    }
    #expect(Set(all).count == all.count)
    let actions = ActionID.allCases.filter { $0.destination == nil && $0 != .command }
    for action in actions { #expect(all.contains(action.rawValue), "\(action.rawValue)") }
  }

  static let firsts: [(typed: String, first: String)] = [
    ("rev", "revoke"), ("rvk", "revoke"), ("unr", "unrevoke"), ("hosts", "hosts"), ("fz", "freeze"),
    ("col", "columns"), ("revoke 198", "198.51.100.7"), ("revoke 1.2.3.4 --h", "--host"),
    ("revoke 1.2.3.4 --host hb", "hostb"), ("revoke 1.2.3.4 --host=hb", "hostb"),
    ("validate 1.2.3.4 --protocol a", "ah"), ("drops --reason snl", "spi-not-leased"),
    ("time u", "utc"), ("refresh 10", "10"), ("sort pk", "packets"), ("forget o", "ours"),
    ("revoke 1.2.3.4 --for ", "15m"), ("suspend ", "hosta"),
  ]

  @Test(arguments: firsts.indices)
  func whatIsMeantComesFirst(_ index: Int) throws {
    let (typed, first) = Self.firsts[index]
    let found = try texts(typed)
    #expect(found.first == first, "\(typed): \(found.prefix(5))")
  }

  @Test func anOptionIsOfferedOnce() throws {
    let found = try texts("revoke 1.2.3.4 --host hosta ")
    #expect(found == ["--for", "--reason"])
    #expect(try texts("freeze ").isEmpty)
    #expect(try texts("zzzz").isEmpty)
  }

  @Test func whatCannotBeDoneIsListedWithItsReason() throws {
    var player = try Player.looking(settings: .init(readOnly: true))
    player.press("1")
    let all = CommandCompletion(model: player.model, peers: []).candidates(for: "")
    func obstacle(_ text: String) -> String? { all.first { $0.text == text }?.obstacle }
    #expect(obstacle("revoke") == "this console may only look")
    #expect(obstacle("columns")?.contains("not in this view") == true)
    #expect(obstacle("reload") == "this console may only look")
    #expect(obstacle("undo") == "this console may only look")
    #expect(obstacle("freeze") == nil && obstacle("sa") == nil)
  }

  static let scores: [(typed: String, name: String, matches: Bool)] = [
    ("", "x", true), ("x", "x", true), ("rvk", "revoke", true), ("kvr", "revoke", false),
    ("revokes", "revoke", false), ("RV", "revoke", true),
  ]

  @Test(arguments: scores.indices)
  func aNameMatchesIfTheCharactersComeInTheirOrder(_ index: Int) {
    let (typed, name, matches) = Self.scores[index]
    #expect((FuzzyMatch.score(typed, in: name) != nil) == matches)
  }
}

@Suite struct CommandInputTests {
  private func player(_ view: Key = "2") throws -> Player {
    var player = try Player.looking(settings: .init(themes: ["mono", "tritan"]))
    player.press(view)
    try player.answerAll()
    return player
  }

  private func line(_ player: Player) -> String? { player.model.commandInput?.text }
  private func drawn(_ player: Player) -> String { Screen.draw(player.model, glyphs: .ascii).text }

  @Test func tabPutsCandidatesInAndASingleOneForGood() throws {
    var player = try player()
    player.press(":")
    player.type("sus")
    player.press(.tab)
    #expect(line(player) == "suspend ")
    player.press(.tab)
    #expect(line(player) == "suspend hosta")
    player.press(.tab)
    #expect(line(player) == "suspend hostb")
    player.press(.backTab, .backTab)
    #expect(line(player) == "suspend hostc")
    player.type("x")
    #expect(line(player) == "suspend hostcx")
    #expect(player.model.commandInput?.chosen == nil)
  }

  @Test func escapeClosesTheListAndThenTheLine() throws {
    var player = try player()
    player.press(":")
    player.type("re")
    #expect(drawn(player).contains("revoke"))
    player.press(.escape)
    #expect(!drawn(player).contains("Tab completes"))
    #expect(line(player) == "re")
    player.press(.escape)
    #expect(player.model.commandInput == nil)
    player.press(":", .escape)
    #expect(player.model.commandInput == nil)
  }

  @Test func linesAreRemembered() throws {
    var player = try player()
    for text in ["hosts", "peers", "hosts"] {
      player.press(":")
      player.type(text)
      player.press(.enter)
    }
    #expect(player.model.commandHistory == ["peers", "hosts"])
    player.press(":")
    player.type("dr")
    player.press(.up)
    #expect(line(player) == "hosts")
    player.press(.up, .up)
    #expect(line(player) == "peers")
    player.press(.down, .down)
    #expect(line(player) == "dr")
  }

  @Test func aMistakeKeepsTheLineOpenWithACaret() throws {
    var player = try player()
    player.press(":")
    player.type("revoke 1.2.3")
    player.press(.enter)
    #expect(line(player) == "revoke 1.2.3")
    let lines = drawn(player).split(separator: "\n", omittingEmptySubsequences: false)
    let caret = lines.dropLast().last.map { $0.prefix { $0 == " " }.count } ?? 0
    let wrong = lines.last.flatMap { $0.range(of: "1.2.3")?.lowerBound }
    #expect(wrong.map { lines.last?.distance(from: lines.last?.startIndex ?? $0, to: $0) } == caret)
    player.type("/")
    #expect(player.model.commandInput?.problem == nil)
  }

  @Test func peersAreAskedForWhileAnAddressIsTyped() throws {
    var player = try player()
    player.press(":")
    player.type("revoke 192.0")
    let asked = player.asked.compactMap { asked -> String? in
      if case .window(let query) = asked.request, query.view == .peers { query.filter } else { nil }
    }
    #expect(asked == ["1", "19", "192", "192.", "192.0"])
    try player.answerAll()
    #expect(player.model.commandInput?.peers == ["192.0.2.66", "198.51.100.7", "203.0.113.128/25"])
    player.press(.tab)
    #expect(line(player) == "revoke 192.0.2.66 ")
  }

  /// No way round the question: what a line orders is asked about as what a key orders.
  @Test(arguments: InstructionTests.acting)
  func whatActsAsksFirst(_ text: String) throws {
    var player = try player()
    player.press(":")
    player.type(text)
    player.press(.enter)
    #expect(player.model.commandInput == nil)
    let dialog = try #require(player.model.dialog)
    guard case .command(let command)? = try InstructionReader(model: player.model).read(text)
    else {
      Issue.record("\(text) is no command")
      return
    }
    #expect(try dialog.command() == command)
    #expect(player.commands.isEmpty)
    #expect(player.asked.contains { $0.request == .explain(command) })
    // The Enter that gave the line does nothing more: a line wants `y`, a dialog opens on Cancel.
    player.press(.enter)
    #expect(player.commands.isEmpty)
    try player.answerAll()
    player.press(.enter)
    #expect(player.model.dialog == nil && player.commands.isEmpty)
  }

  @Test func whoMayOnlyLookIsToldSo() throws {
    var player = try Player.looking(settings: .init(readOnly: true))
    player.press(":")
    player.type("revoke 192.0.2.7")
    player.press(.enter)
    #expect(player.model.dialog == nil)
    #expect(player.model.notice?.text == "this console may only look")
  }

  @Test func filtersAreSavedUsedAndForgotten() throws {
    var player = try player()
    player.press("/")
    player.type("host=hosta")
    player.press(.enter)
    try player.answerAll()
    for text in ["save ours", "filter", "ours"] {
      player.press(":")
      player.type(text)
      player.press(.enter)
      if text == "filter" {
        player.press(.control("U"), .enter)
        player.press("1")
      }
    }
    #expect(player.model.place == Place(view: .associations, filter: "host=hosta"))
    #expect(player.effects.contains(.save(player.model.preferences)))
    player.press(":")
    player.type("forget ours")
    player.press(.enter)
    #expect(player.model.preferences.filters.isEmpty)
  }

  private func give(_ line: String, _ player: inout Player) {
    player.press(":")
    player.type(line)
    player.press(.enter)
  }

  /// What the router says of a file without two hosts, and of one that changes little.
  @Test(arguments: [(["hostb", "hostc"], 2, Tier.list), ([], 0, .dialog)])
  func aReloadIsAskedAboutByWhatItTakesAway(hosts: [String], entries: Int, tier: Tier) throws {
    var player = try player()
    give("reload", &player)
    #expect(player.asked.contains { $0.request == .explain(.reload(reason: nil)) })
    var explanation = Player.explanation(of: .reload(reason: nil))
    explanation.hosts = hosts
    explanation.entries = entries
    explanation.message = "this would change something"
    player.answer(.explanation(explanation)) { if case .explain = $0 { true } else { false } }
    #expect(player.model.dialog?.tier == tier && player.model.dialog?.form == .frame)
    #expect(drawn(player).contains("this would change something"))
    let needsReason = player.model.dialog?.fields.contains { $0.name == .count }
    #expect(needsReason == (tier == .list))
    player.press(.tab, .tab)
    #expect(player.commands.isEmpty)
  }

  @Test func aReloadAnswersInOneLine() throws {
    var player = try player()
    give("reload", &player)
    var explanation = Player.explanation(of: .reload(reason: nil))
    explanation.hosts = []
    explanation.entries = 0
    player.answer(.explanation(explanation)) { if case .explain = $0 { true } else { false } }
    // From Cancel round the corner to the reason, and on to the button.
    player.press(.tab, .tab)
    player.type("new host")
    player.press(.tab, .tab, .enter)
    #expect(player.commands == [.reload(reason: "new host")])
    #expect(player.model.notice?.kind == .pending)
    let report = Data(
      #"{"changed": [], "hostsAdded": ["hostd"], "hostsRemoved": [], "hostsChanged": []}"#.utf8)
    let request = Request.perform(.reload(reason: "new host"))
    player.answer(EngineCodec.decode(.success(report), for: request)) { $0 == request }
    #expect(player.model.notice?.text == "configuration reloaded: host hostd: added")
    #expect(player.model.notice?.kind == .done)
  }

  @Test func aFileThatIsRefusedIsSaidAtOnce() throws {
    var player = try player()
    give("reload", &player)
    let error = ControlError(
      code: "restart-needed", message: "key 'a': 1 -> 2: restart\nkey 'b': 3 -> 4: restart")
    let request = Request.explain(.reload(reason: nil))
    player.answer(EngineCodec.decode(.failure(error), for: request)) { $0 == request }
    #expect(player.model.dialog == nil)
    #expect(
      player.model.notice?.text
        == "reload the configuration: key 'a': 1 -> 2: restart; key 'b': 3 -> 4: restart")
  }

  @Test func anOrderIsTakenBackOrKeptByItsNumber() throws {
    var player = try player()
    give("undo 12", &player)
    #expect(player.model.dialog?.question == "undo action 12")
    player.press("y")
    #expect(player.asked.contains { $0.request == .undo(12) })
    player.answer(.acted(Outcome(message: "lifted"))) { $0 == .undo(12) }
    #expect(player.model.notice?.text == "lifted")
    give("keep 13", &player)
    #expect(player.model.notice?.text == "keep action 13: pending")
    player.answer(.failure(Refusal(code: "not-found", message: "there is none"))) {
      $0 == .keep(13)
    }
    #expect(player.model.notice?.text == "keep action 13: there is none")
    give("undo", &player)
    #expect(player.model.notice?.text == "there is nothing to undo")
    player.model.undoable = Undoable(number: 12, summary: "suspend hosta", until: .max)
    give("undo 12", &player)
    #expect(player.model.dialog?.question == "undo suspend hosta")
  }

  @Test(arguments: ["undo 12", "keep 12", "reload"])
  func whoMayOnlyLookTakesNothingBack(_ text: String) throws {
    var player = try Player.looking(settings: .init(readOnly: true))
    player.forget()
    give(text, &player)
    #expect(player.model.dialog == nil && player.model.notice?.text == "this console may only look")
    #expect(
      !player.asked.contains { asked in
        [.undo(12), .keep(12), .explain(.reload(reason: nil))].contains(asked.request)
      })
  }

  @Test func theAuditLogIsChecked() throws {
    var player = try player()
    give("audit --verify", &player)
    #expect(player.model.notice?.kind == .pending)
    try player.answerAll()
    #expect(player.model.notice?.text == "audit: 41 rows, all intact")
    give("audit --verify", &player)
    let broken: AuditCheck = try Fixture.decode(
      #"{"intact": false, "rows": 7, "firstBroken": 8}"#)
    player.answer(.checked(broken)) { $0 == .verifyAudit }
    #expect(player.model.notice?.kind == .failed)
    #expect(player.model.notice?.text.contains("row 8 was changed") == true)
  }

  @Test func theThemeChangesAtOnce() throws {
    var player = try player()
    player.press(":")
    player.type("theme tritan")
    player.press(.enter)
    #expect(player.model.preferences.theme == "tritan")
    #expect(player.effects == [.restyle, .save(player.model.preferences)])
  }
}
