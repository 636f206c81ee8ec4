import Engine
import PAP
import Testing

@testable import Console

private let address = IPv4Address(rawValue: 0xc633_6407)

private func explanation(
  entries: Int = 0, of all: Int = 1_000, packets: Double = 0, ownPeer: Bool = false
) -> Explanation {
  var explanation = Explanation(
    message: "this would do it", hosts: ["hosta"], entries: entries, allEntries: all,
    packetsPerSecond: packets, examples: [])
  explanation.ownPeer = ownPeer
  return explanation
}

extension Player {
  /// A console with a table on the screen, answered.
  fileprivate static func at(_ key: Key, _ settings: Model.Settings = .init()) throws -> Player {
    var player = try Player.looking(settings: settings)
    player.press(key)
    try player.answerAll(second: 2)
    return player
  }

  fileprivate mutating func explain(_ explanation: Explanation) {
    answer(.explanation(explanation)) { if case .explain = $0 { true } else { false } }
  }

  fileprivate mutating func done(_ outcome: Outcome) {
    answer(.acted(outcome)) {
      switch $0 {
      case .perform, .undo, .keep: true
      default: false
      }
    }
  }

  fileprivate var lastLine: String {
    text.split(separator: "\n", omittingEmptySubsequences: false).last.map(String.init) ?? ""
  }
}

@Suite struct TierTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let command: Command
    let explanation: Explanation
    let tier: Tier
  }

  private static let one = Command.revoke(CIDR(address), host: nil, seconds: nil, reason: nil)
  private static let prefix = Command.revoke(
    CIDR(IPv4Address(rawValue: 0xc633_6400), prefixLength: 24), host: nil, seconds: nil, reason: nil
  )
  private static func batch(_ commands: Command...) -> Command {
    .batch(Batch(items: commands.map { .init(command: $0) }))
  }

  /// Source: the table of tiers in the description of the console.
  static let vectors = [
    Vector(
      testDescription: "one object without traffic", command: one,
      explanation: explanation(entries: 2), tier: .line),
    Vector(
      testDescription: "one object with traffic", command: one,
      explanation: explanation(entries: 2, packets: 0.1), tier: .dialog),
    Vector(
      testDescription: "the operator's own address", command: one,
      explanation: explanation(ownPeer: true), tier: .dialog),
    Vector(
      testDescription: "a prefix", command: prefix, explanation: explanation(), tier: .list),
    Vector(
      testDescription: "several objects", command: batch(one, .suspend(host: "hosta")),
      explanation: explanation(entries: 2), tier: .list),
    Vector(
      testDescription: "a batch of one is one object", command: batch(one),
      explanation: explanation(entries: 2), tier: .line),
    Vector(
      testDescription: "a batch of one prefix", command: batch(prefix),
      explanation: explanation(entries: 2), tier: .list),
    Vector(
      testDescription: "a quarter is not more than a quarter", command: one,
      explanation: explanation(entries: 250, packets: 1), tier: .dialog),
    Vector(
      testDescription: "more than a quarter", command: one,
      explanation: explanation(entries: 251), tier: .router),
    Vector(
      testDescription: "more than a quarter of few", command: .suspend(host: "hosta"),
      explanation: explanation(entries: 2, of: 7), tier: .router),
    Vector(
      testDescription: "no entry of none", command: one, explanation: explanation(of: 0),
      tier: .line),
    Vector(
      testDescription: "what only admits cuts nothing off", command: .resume(host: "hosta"),
      explanation: explanation(entries: 900, packets: 900), tier: .line),
    Vector(
      testDescription: "the revocation of a prefix is one object",
      command: .lift(CIDR(IPv4Address(rawValue: 0xc633_6400), prefixLength: 24), host: nil),
      explanation: explanation(), tier: .line),
    Vector(
      testDescription: "several are lifted by list",
      command: batch(.lift(CIDR(address), host: nil), .lift(CIDR(address), host: "hosta")),
      explanation: explanation(), tier: .list),
  ]

  @Test(arguments: vectors)
  func whatTheRouterSaysDecidesWhatIsAsked(_ vector: Vector) {
    #expect(Tier(of: vector.command, vector.explanation) == vector.tier)
  }
}

@Suite struct LineQuestionTests {
  @Test func onlyYAccepts() throws {
    for key in ["n", "x", .enter, " ", "Y", .tab, .escape, "q"] as [Key] {
      var player = try Player.at("2")
      player.press("x")
      player.explain(explanation(entries: 2))
      #expect(player.lastLine.contains("revoke 198.51.100.7 for all hosts?"))
      #expect(player.lastLine.contains("2 entries, idle"))
      player.press(key)
      #expect(player.commands.isEmpty, "\(key.label)")
      #expect(player.effects.isEmpty, "\(key.label)")
    }
    var player = try Player.at("2")
    player.press("x")
    player.explain(explanation(entries: 2))
    player.press("y")
    #expect(
      player.commands == [.revoke(CIDR(address), host: nil, seconds: nil, reason: nil)])
    #expect(player.model.notice?.kind == .pending)
  }

  @Test func keysTypedAheadDoNotAcceptWhatWasNotAskedYet() throws {
    var player = try Player.at("2")
    player.wait(1)
    for key in ["x", "y"] as [Key] { player.give(.key(key)) }
    player.wait(5)
    player.give(.key("y"))
    #expect(player.commands.isEmpty)
    // The answer puts the question: only then it can be answered.
    player.explain(explanation(entries: 2))
    player.give(.key("y"))
    player.wait(0.149)
    player.give(.key("y"))
    #expect(player.commands.isEmpty)
    player.wait(0.002)
    player.give(.key("y"))
    #expect(player.commands.count == 1)
  }

  @Test func theKeyThatOpenedTheQuestionNeverAcceptsIt() throws {
    var player = try Player.at("2")
    let row = player.model.table.selectedRow
    var dialog = try #require(Dialog.acting(.revoke, on: row, player.model, by: "y"))
    dialog.learn(
      try #require(try dialog.command()), .success(explanation()), router: "203.0.113.1")
    player.model.dialog = dialog
    player.press("y", "y")
    #expect(player.commands.isEmpty)
    #expect(player.model.dialog != nil)
  }

  @Test func tabUnfoldsTheQuestionToItsFields() throws {
    var player = try Player.at("2")
    player.press("x")
    player.explain(explanation(entries: 2))
    player.press(.tab)
    #expect(player.model.dialog?.form == .frame)
    #expect(player.model.dialog?.focusedButton == 0)
    player.press(.up)
    player.type("noisy")
    player.explain(explanation(entries: 2))
    try player.answerAll()
    player.press(.tab, .right, .enter)
    #expect(
      player.commands == [.revoke(CIDR(address), host: nil, seconds: nil, reason: "noisy")])
  }

  @Test func aRefusalIsSaidInTheLine() throws {
    var player = try Player.at("4")
    player.press("X")
    player.answer(.failure(Refusal(code: "not-found", message: "it is not revoked"))) {
      if case .explain = $0 { true } else { false }
    }
    #expect(player.model.dialog == nil)
    #expect(player.model.notice?.text.contains("it is not revoked") == true)
  }

  @Test func aScreenTooSmallForTheLineTakesNoAnswer() throws {
    var player = try Player.at("2")
    player.press("x")
    player.explain(explanation(entries: 2))
    player.give(.resize(Size(width: 20, height: 5)))
    player.press("y")
    #expect(player.commands.isEmpty)
    player.give(.resize(Size(width: 40, height: 10)))
    #expect(player.lastLine.contains("y yes"))
    player.press("y")
    #expect(player.commands.count == 1)
  }

  @Test func theCommandIsBoundToTheGenerationOfItsRow() throws {
    var player = try Player.at("4")
    player.press("X")
    player.explain(explanation())
    player.press("y")
    let command = Command.lift(CIDR(IPv4Address(rawValue: 0xc000_0242)), host: nil)
    #expect(
      player.commands == [.batch(Batch(items: [.init(command: command, generation: 11)]))])
  }
}

@Suite struct TypedConfirmationTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let reason: String
    let count: String
    let router: String
    /// The field that gets the focus, or nil if all is well.
    let problem: Field.Name?
  }

  static let vectors = [
    Vector(
      testDescription: "all is typed", reason: "scan", count: "600", router: "203.0.113.1",
      problem: nil),
    Vector(
      testDescription: "no reason", reason: "", count: "600", router: "203.0.113.1",
      problem: .reason),
    Vector(
      testDescription: "blanks are no reason", reason: "   ", count: "600",
      router: "203.0.113.1", problem: .reason),
    Vector(
      testDescription: "no count", reason: "scan", count: "", router: "203.0.113.1",
      problem: .count),
    Vector(
      testDescription: "another count", reason: "scan", count: "601", router: "203.0.113.1",
      problem: .count),
    Vector(
      testDescription: "another router", reason: "scan", count: "600", router: "203.0.113.2",
      problem: .router),
    Vector(
      testDescription: "no router", reason: "scan", count: "600", router: "", problem: .router),
  ]

  @Test(arguments: vectors)
  func moreThanAQuarterTakesReasonCountAndTheRoutersName(_ vector: Vector) throws {
    var player = try Player.at("2")
    player.press("x")
    let large = explanation(entries: 600, packets: 10)
    player.explain(large)
    #expect(player.model.dialog?.tier == .router)
    #expect(player.text.contains("type 203.0.113.1, this router"))
    player.press(.up, .up, .up)
    for text in [vector.reason, vector.count, vector.router] {
      player.type(text)
      // The reason is part of a revocation, so the router is asked anew.
      while player.asked.contains(where: { if case .explain = $0.request { true } else { false } })
      {
        player.explain(large)
      }
      player.press(.tab)
    }
    player.press(.right, .enter)
    #expect(player.commands.isEmpty == (vector.problem != nil))
    let dialog = player.model.dialog
    let focused = dialog?.focusedField.flatMap { dialog?.fields[$0].name }
    #expect(focused == vector.problem)
  }

  @Test func fieldsComeAndGoWithWhatTheRouterSays() throws {
    var player = try Player.at("2")
    player.press("x")
    player.explain(explanation(entries: 2, packets: 5))
    func names() -> [Field.Name] { player.model.dialog?.fields.map(\.name) ?? [] }
    #expect(names() == [.target, .host, .duration, .reason])
    #expect(player.model.dialog?.focusedButton == 0)
    player.press(.backTab, .backTab, .backTab, .backTab)
    player.press(.control("U"))
    player.type("198.51.100.0/24")
    while player.asked.contains(where: { if case .explain = $0.request { true } else { false } }) {
      player.explain(explanation(entries: 12, packets: 5))
    }
    #expect(names() == [.target, .host, .duration, .reason, .count])
    #expect(player.model.dialog?.focusedField == 0)
    player.press(.control("U"))
    player.type("198.51.100.9")
    while player.asked.contains(where: { if case .explain = $0.request { true } else { false } }) {
      player.explain(explanation(entries: 1, packets: 5))
    }
    #expect(names() == [.target, .host, .duration, .reason])
  }

  @Test func whatHangsOnItIsSaid() throws {
    var player = try Player.at("2")
    player.press("x")
    var large = explanation(entries: 2, of: 98_412, packets: 12_700)
    large.begun = ["2025-01-29T10:00:00Z", "2025-01-31T14:05:30Z"]
    large.touchedBy = "bob"
    large.touchedAt = "2025-01-31T14:00:00Z"
    player.explain(large)
    let text = player.text
    #expect(text.contains("2 of 98,412 entries, 12.7k packets/s now; hosta"))
    #expect(text.contains("to 2d04h old; last touched by bob 5m"))
  }

  @Test func ofManyHostsSomeAreNamed() throws {
    var player = try Player.at("2")
    player.press("x")
    var wide = explanation(entries: 40, of: 98_412, packets: 9)
    wide.hosts = (1...1_300).map { "h\($0)" }
    player.explain(wide)
    #expect(player.text.contains("1,294 more hosts"))
    #expect(!player.text.contains("h7"))
  }
}

@Suite struct UndoTests {
  private func revoked(_ outcome: Outcome) throws -> Player {
    var player = try Player.at("2")
    player.press("x")
    player.explain(explanation(entries: 2))
    player.press("y")
    player.done(outcome)
    return player
  }

  private let outcome = Outcome(
    message: "revoked 198.51.100.7 for every host: 2 entries removed", action: 12,
    undoableFor: 300)

  @Test func theLastActionCanBeUndoneForFiveMinutesAndTheLineCountsDown() throws {
    var player = try revoked(outcome)
    #expect(player.lastLine.contains("[ok] revoked 198.51.100.7 for every host"))
    #expect(player.lastLine.hasSuffix("u undo (5:00)"))
    player.wait(42)
    player.give(.tick)
    #expect(player.lastLine.contains("u undo (4:18)"))
    #expect(player.lastLine.hasSuffix("q quit"))
    player.press("u")
    #expect(player.lastLine.contains("undo revoke 198.51.100.7 for all hosts?"))
    player.press("y")
    #expect(player.asked.contains { $0.request == .undo(12) })
    #expect(player.model.notice?.kind == .pending)
    player.done(Outcome(message: "undone: 198.51.100.7 is valid again, 2 entries are back"))
    #expect(player.model.notice?.kind == .done)
    #expect(player.model.undoable == nil)
    player.press("u")
    #expect(player.model.notice?.text == "there is nothing to undo")
  }

  @Test func afterItsTimeNothingIsUndone() throws {
    var player = try revoked(outcome)
    player.wait(299)
    player.give(.tick)
    #expect(player.model.undoable != nil)
    player.wait(1)
    player.give(.tick)
    #expect(player.model.undoable == nil)
    #expect(!player.lastLine.contains("undo"))
  }

  @Test func whatTheRouterDoesNotUndoIsSaidAndStaysUndoable() throws {
    var player = try revoked(outcome)
    player.press("u", "y")
    player.answer(.failure(Refusal(code: "not-permitted", message: "another user did it"))) {
      $0 == .undo(12)
    }
    #expect(player.model.notice?.kind == .failed)
    #expect(player.model.notice?.text.contains("another user did it") == true)
    #expect(player.model.undoable?.number == 12)
  }

  @Test func anActionThatCannotBeUndoneOffersNothing() throws {
    let player = try revoked(Outcome(message: "done"))
    #expect(player.model.undoable == nil)
    #expect(!player.lastLine.contains("undo"))
  }

  private func ownPeerRevoked() throws -> Player {
    var player = try Player.at("2")
    player.press("x")
    player.explain(explanation(entries: 2, ownPeer: true))
    #expect(player.text.contains("unless K keeps it"))
    player.press(.right, .enter)
    guard case .perform(_, let seconds)? = player.asked.last?.request else {
      Issue.record("nothing was asked")
      return player
    }
    #expect(seconds == 60)
    player.done(outcome)
    return player
  }

  @Test func aChangeThatCoversTheOwnPeerIsProvisionalUntilItIsKept() throws {
    var player = try ownPeerRevoked()
    #expect(player.lastLine.contains("K keep (1:00)"))
    player.wait(20)
    player.press("K")
    #expect(player.asked.contains { $0.request == .keep(12) })
    player.done(Outcome(message: "kept: revoke 198.51.100.7"))
    #expect(player.model.undoable?.provisionalUntil == nil)
    player.wait(100)
    player.give(.tick)
    #expect(player.model.undoable?.number == 12)
    #expect(!player.lastLine.contains("keep"))
  }

  @Test func aChangeThatNobodyKeepsIsSaidToBeRolledBack() throws {
    var player = try ownPeerRevoked()
    player.wait(59)
    player.give(.tick)
    #expect(player.model.undoable != nil)
    player.wait(2)
    player.give(.tick)
    #expect(player.model.undoable == nil)
    #expect(player.model.notice?.text.contains("rolled back") == true)
    player.press("K")
    #expect(player.asked.allSatisfy { $0.request != .keep(12) })
  }
}

@Suite struct LockAndReasonTests {
  @Test func lockingIsAtOnceAndUnlockingAsks() throws {
    var player = try Player.at("2")
    player.press("L")
    #expect(player.model.isReadOnly)
    player.press("x")
    #expect(player.model.dialog == nil)
    #expect(player.model.notice?.text == "this console is locked; L unlocks it")
    player.press("L", "n")
    #expect(player.model.isLocked)
    player.press("L", "y")
    #expect(!player.model.isLocked)
    player.press("x")
    #expect(player.model.dialog != nil)
  }

  @Test func aConsoleThatMayOnlyLookCannotBeUnlocked() throws {
    var player = try Player.at("2", .init(readOnly: true))
    player.press("L", "y")
    #expect(player.model.isReadOnly)
    #expect(player.model.notice?.text == "this console may only look" || !player.model.isLocked)
    player.wait(20)
    player.give(.tick)
    #expect(player.lastLine.contains("this console may only look: v validate"))
  }

  @Test func theReasonGoesWithTheFollowingActions() throws {
    var player = try Player.at("3")
    player.press("R")
    player.type("INC-4711")
    #expect(player.lastLine.contains("reason of the following actions: INC-4711"))
    player.press(.enter)
    #expect(player.text.contains("reason: INC-4711"))
    player.press("z")
    player.explain(explanation(entries: 2))
    #expect(player.text.contains("reason: INC-4711"))
    player.press("y")
    guard case .batch(let batch)? = player.commands.first else {
      Issue.record("there is no batch")
      return
    }
    #expect(batch.reason == "INC-4711")
    #expect(batch.items == [.init(command: .suspend(host: "hosta"), generation: 1)])
    player.press("R", .control("U"), .enter)
    #expect(player.model.reason == nil)
    #expect(!player.text.contains("reason: INC-4711"))
  }

  @Test func aReasonThatIsTooLongIsNotTaken() throws {
    var player = try Player.at("2")
    player.press("R")
    player.type(String(repeating: "a", count: 128))
    player.press(.enter)
    #expect(player.model.reason == nil)
    #expect(player.model.reasonInput != nil)
    player.press(.backspace, .enter)
    #expect(player.model.reason?.utf8.count == 127)
    player.press("R", "b", .escape)
    #expect(player.model.reason?.utf8.count == 127)
  }
}

@Suite struct PresenceTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let others: [(name: String, role: String)]
    let text: String
    var testDescription: String { text.isEmpty ? "nobody" : text }
  }

  static let vectors = [
    Vector(others: [], text: ""),
    Vector(others: [("ana", "operator")], text: "ana"),
    Vector(others: [("ana", "operator"), ("eve", "viewer")], text: "ana(+1 ro)"),
    Vector(others: [("eve", "viewer"), ("eve", "viewer")], text: "(+2 ro)"),
    Vector(
      others: [("bob", "operator"), ("ana", "operator"), ("bob", "operator")], text: "ana bob*2"),
    Vector(
      others: ["e", "d", "c", "b", "a"].map { ($0, "operator") }, text: "a b c +2"),
  ]

  @Test(arguments: vectors)
  func theOthersAreNamed(_ vector: Vector) {
    let others = vector.others.map {
      IdentityReport.Other(name: $0.name, source: nil, role: $0.role, since: "")
    }
    #expect(Presence.text(others) == vector.text)
  }

  @Test func aChangeAsksWhoIsThereAndTheTitleSaysIt() throws {
    var player = try Player.at("2")
    #expect(player.text.contains("operator  with bob"))
    player.give(.changed)
    #expect(player.asked.contains { $0.request == .identity })
  }
}

@Suite struct OutcomeTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let outcome: Outcome
    let text: String
    let kind: Notice.Kind
  }

  private static func part(
    _ ending: Outcome.Part.Ending?, _ target: String, _ message: String
  ) -> Outcome.Part {
    Outcome.Part(ending: ending, target: target, message: message)
  }

  static let vectors = [
    Vector(
      testDescription: "a single command", outcome: Outcome(message: "revoked a"),
      text: "revoked a", kind: .done),
    Vector(
      testDescription: "a batch of one says what its command says",
      outcome: Outcome(message: "1 command done", parts: [part(.done, "a", "revoked a")]),
      text: "revoked a", kind: .done),
    Vector(
      testDescription: "a batch of one that was left out",
      outcome: Outcome(message: "", parts: [part(.leftOut, "a", "it has changed")]),
      text: "S: not done: it has changed", kind: .failed),
    Vector(
      testDescription: "all done",
      outcome: Outcome(
        message: "2 commands done", parts: [part(.done, "a", ""), part(.done, "b", "")]),
      text: "2 commands done", kind: .done),
    Vector(
      testDescription: "some left out",
      outcome: Outcome(
        message: "m",
        parts: [
          part(.done, "a", "x"), part(.leftOut, "b", "has changed"), part(.failed, "c", "is none"),
        ]),
      text: "S: 1 done, 2 not: b: has changed; c: is none", kind: .failed),
    Vector(
      testDescription: "not durable",
      outcome: Outcome(message: "revoked a", isDurable: false), text: "revoked a; NOT DURABLE",
      kind: .done),
  ]

  @Test(arguments: vectors)
  func everyActionIsAnsweredInOneLine(_ vector: Vector) {
    let (text, kind) = vector.outcome.answer(to: "S")
    #expect(text == vector.text)
    #expect(kind == vector.kind)
  }
}

/// A row that comes under the cursor by itself is not acted on before it can have been seen.
@Suite struct SlippedCursorTests {
  private func row(_ address: String) throws -> Row {
    .peer(
      try Fixture.decode(
        """
        {"target": "\(address)/32", "state": "valid", "hosts": ["hosta"], "entries": 1,
         "generation": 7, "packets": 0, "bytes": 0, "lastSeen": null, "packetsPerSecond": 0.0,
         "bitsPerSecond": 0.0, "drops": 0, "since": null, "expires": null, "by": null,
         "reason": null}
        """))
  }

  private func player(_ addresses: [String], of matched: Int) throws -> Player {
    var player = try Player.looking()
    player.press("4")
    try show(addresses, of: matched, &player)
    return player
  }

  private func show(_ addresses: [String], of matched: Int, _ player: inout Player) throws {
    let rows = try addresses.map(row)
    player.answer(.window(Fixture.window(rows, offset: 0, matched: matched))) {
      if case .window(let query) = $0 { query.view == .peers } else { false }
    }
  }

  /// Other rows come by themselves, as when an order by rates changes.
  private func slipped() throws -> Player {
    var player = try player(["192.0.2.1", "192.0.2.2"], of: 500)
    player.wait(3)
    player.give(.tick)
    try show(["192.0.2.3", "192.0.2.4"], of: 500, &player)
    // The rows that are missing exist, elsewhere.
    player.answer(.window(Fixture.window([try row("192.0.2.1"), try row("192.0.2.2")]))) {
      if case .window(let query) = $0 { query.showsMarkedOnly } else { false }
    }
    return player
  }

  @Test func noKeyActsOnItAtOnce() throws {
    var player = try slipped()
    #expect(player.model.subject.target?.short == "192.0.2.3")
    player.press("x")
    #expect(player.model.dialog == nil)
    #expect(player.model.notice?.text.contains("another row") == true)
    player.wait(1)
    player.press("x")
    #expect(player.model.dialog != nil)
  }

  @Test func aCursorThatStaysWithItsObjectActsAtOnce() throws {
    var player = try player(["192.0.2.1", "192.0.2.2"], of: 500)
    player.wait(3)
    player.give(.tick)
    try show(["192.0.2.3", "192.0.2.1"], of: 500, &player)
    #expect(player.model.subject.target?.short == "192.0.2.1")
    player.press("x")
    #expect(player.model.dialog != nil)
  }

  @Test func rowsOfAnotherOrderAreWhatWasAskedFor() throws {
    var player = try player(["192.0.2.1", "192.0.2.2"], of: 500)
    player.wait(3)
    player.press(">")
    try show(["192.0.2.3", "192.0.2.4"], of: 500, &player)
    player.press("x")
    #expect(player.model.dialog != nil)
  }
}
