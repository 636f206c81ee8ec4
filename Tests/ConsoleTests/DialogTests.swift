import PAP
import Testing

@testable import Console

/// A console with the table of associations on the screen.
private func atAssociations(_ settings: Model.Settings = .init()) throws -> Player {
  var player = try Player.looking(settings: settings)
  player.press("2")
  try player.answerAll(second: 2)
  return player
}

@Suite struct DialogTests {
  struct Opening: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let keys: [Key]
    let purpose: Dialog.Purpose
    let command: Command?
  }

  static let openings = [
    Opening(
      testDescription: "x on an entry asks to revoke its address for all hosts",
      keys: ["2", "x"], purpose: .revoke,
      command: .revoke(
        CIDR(IPv4Address(rawValue: 0xc633_6407)), host: nil, seconds: nil, reason: nil)),
    Opening(
      testDescription: "i on an entry asks to remove just that entry", keys: ["2", "i"],
      purpose: .invalidate,
      command: .invalidate(
        IPv4Address(rawValue: 0xc633_6407), host: "hosta", spi: SPI(rawValue: 0x1001_0007))),
    Opening(
      testDescription: "v on an entry asks for the same again", keys: ["2", "v"],
      purpose: .validate,
      command: .validate(
        IPv4Address(rawValue: 0xc633_6407), host: "hosta", ipsecProtocol: .esp,
        spi: SPI(rawValue: 0x1001_0007), seconds: nil)),
    Opening(
      testDescription: "z on an active host asks to suspend it", keys: ["3", "z"],
      purpose: .suspend("hosta"), command: .suspend(host: "hosta")),
    Opening(
      testDescription: "z on a suspended host asks to resume it", keys: ["3", "j", "z"],
      purpose: .resume("hostb"), command: .resume(host: "hostb")),
    Opening(
      testDescription: "X on a revocation for all hosts", keys: ["4", "X"],
      purpose: .lift(CIDR(IPv4Address(rawValue: 0xc000_0242)), host: nil),
      command: .lift(CIDR(IPv4Address(rawValue: 0xc000_0242)), host: nil)),
    Opening(
      testDescription: "X on a revocation for one host", keys: ["4", "G", "X"],
      purpose: .lift(CIDR(IPv4Address(rawValue: 0xcb00_7180), prefixLength: 25), host: "hosta"),
      command: .lift(
        CIDR(IPv4Address(rawValue: 0xcb00_7180), prefixLength: 25), host: "hosta")),
    Opening(
      testDescription: "v without a row leaves the address to be filled in", keys: ["v"],
      purpose: .validate, command: nil),
  ]

  @Test(arguments: openings)
  func eachActingKeyAsksBeforeItActs(_ opening: Opening) throws {
    var player = try Player.looking()
    for key in opening.keys {
      player.press(key)
      try player.answerAll(second: 2)
    }
    let dialog = try #require(player.model.dialog)
    #expect(dialog.purpose == opening.purpose)
    #expect((try? dialog.command()) == opening.command)
    #expect(dialog.buttons[try #require(dialog.focusedButton)].outcome == .cancel)
  }

  @Test func theKeyThatOpenedADialogNeverConfirmsIt() throws {
    var player = try atAssociations()
    player.press("x")
    try player.answerAll()
    player.press(.tab)
    player.press("x", "x")
    #expect(player.model.dialog != nil)
    #expect(player.commands.isEmpty)
  }

  @Test func aDialogOpenedByEnterIsNotConfirmedByIt() throws {
    var player = try atAssociations()
    player.press("x")
    let opened = try #require(player.model.dialog)
    player.model.dialog = Dialog(
      .revoke, fields: opened.fields, confirm: Array(opened.buttons.dropFirst()), by: .enter,
      at: player.now.monotonic)
    player.press(.tab, .enter)
    try player.answerAll()
    player.press(.enter)
    #expect(player.model.dialog != nil)
    #expect(player.commands.isEmpty)
  }

  @Test func keysTypedAheadAreIgnored() throws {
    var player = try atAssociations()
    player.wait(1)
    for key in ["x", .tab, .enter] as [Key] { player.give(.key(key)) }
    #expect(player.commands.isEmpty)
    let dialog = try #require(player.model.dialog)
    #expect(dialog.focusedButton == 0)
    player.wait(0.149)
    player.give(.key(.escape))
    #expect(player.model.dialog != nil)
    player.wait(0.002)
    player.give(.key(.escape))
    #expect(player.model.dialog == nil)
  }

  @Test func enterOnCancelDoesNothing() throws {
    var player = try atAssociations()
    player.press("x")
    try player.answerAll()
    player.press(.enter)
    #expect(player.model.dialog == nil)
    #expect(player.commands.isEmpty)
    #expect(player.model.notice == nil)
  }

  @Test func nothingIsConfirmedBeforeTheRouterHasSaidWhatItDoes() throws {
    var player = try atAssociations()
    player.press("x", .tab, .enter, "y", "x")
    #expect(player.commands.isEmpty)
    #expect(player.model.dialog?.form == .line)
    try player.answerAll()
    player.press(.up)
    player.type("n")
    player.press(.tab, .tab, .enter)
    #expect(player.commands.isEmpty)
    #expect(player.model.dialog?.problem?.contains("not yet said") == true)
    try player.answerAll()
    player.press(.enter)
    #expect(player.commands.count == 1)
  }

  @Test func aChangedFieldAsksTheRouterAnew() throws {
    var player = try atAssociations()
    player.press("x")
    try player.answerAll()
    player.press(.up)
    player.type("noisy")
    let asked = player.taken { if case .explain = $0 { true } else { false } }
    #expect(asked.count == 5)
    guard case .explain(.revoke(_, _, _, let reason))? = asked.last?.request else {
      Issue.record("the last question was not about a revocation")
      return
    }
    #expect(reason == "noisy")
    player.press(.down, .right, .enter)
    #expect(player.commands.isEmpty)
  }

  @Test func anActionIsPendingUntilTheRouterAnswersAndThenDoneOrNot() throws {
    var player = try atAssociations()
    player.press("x")
    try player.answerAll()
    player.press(.tab, .enter)
    #expect(player.model.notice?.kind == .pending)
    #expect(player.model.notice?.text == "revoke 198.51.100.7 for all hosts: pending")
    player.wait(60)
    player.give(.tick)
    #expect(player.model.notice?.kind == .pending)
    player.answer(.done("revoked 198.51.100.7, 2 entries removed")) {
      if case .perform = $0 { true } else { false }
    }
    #expect(player.model.notice?.kind == .done)
    #expect(player.model.notice?.text == "revoked 198.51.100.7, 2 entries removed")
    player.wait(9)
    player.give(.tick)
    #expect(player.model.notice == nil)
  }

  @Test func aRefusedActionSaysWhy() throws {
    var player = try atAssociations()
    player.press("x")
    try player.answerAll()
    player.press(.tab, .enter)
    player.answer(.failure(Refusal(code: "not-permitted", message: "viewers may not act"))) {
      if case .perform = $0 { true } else { false }
    }
    #expect(player.model.notice?.kind == .failed)
    #expect(player.model.notice?.text.contains("viewers may not act") == true)
  }

  @Test func aCommandWhoseAnswerIsLostWithTheEngineIsNotPassedOver() throws {
    var player = try atAssociations()
    player.press("x")
    try player.answerAll()
    player.press(.tab, .enter)
    player.give(.unlinked("the engine has gone"))
    #expect(player.model.notice?.kind == .failed)
    #expect(player.model.notice?.text.contains("revoke 198.51.100.7") == true)
  }

  struct Wrong: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let action: Key
    /// Tabs backwards from Cancel to the field.
    let stepsBack: Int
    let text: String
    let field: Field.Name
  }

  static let wrongs = [
    Wrong(
      testDescription: "an address with a bad octet", action: "v", stepsBack: 6, text: "1.2.3.256",
      field: .address),
    Wrong(
      testDescription: "a prefix with host bits", action: "x", stepsBack: 4,
      text: "192.0.2.1/24", field: .target),
    Wrong(
      testDescription: "a reserved SPI", action: "v", stepsBack: 3, text: "0xff", field: .spi),
    Wrong(
      testDescription: "a duration without a unit it knows", action: "x", stepsBack: 2,
      text: "5y", field: .duration),
  ]

  @Test(arguments: wrongs)
  func aFieldThatIsWrongGetsTheFocusAndSaysWhy(_ wrong: Wrong) throws {
    var player = try atAssociations()
    player.press(wrong.action)
    try player.answerAll()
    for _ in 0..<wrong.stepsBack { player.press(.backTab) }
    player.press(.control("U"))
    player.type(wrong.text)
    for _ in 0..<wrong.stepsBack { player.press(.tab) }
    player.press(.right, .enter)
    let dialog = try #require(player.model.dialog)
    #expect(dialog.problem?.contains(wrong.text) == true)
    #expect(dialog.focusedField.map { dialog.fields[$0].name } == wrong.field)
    #expect(player.commands.isEmpty)
  }

  @Test func aConsoleThatMayOnlyLookHasTheActingKeysDisabledWithTheReason() throws {
    var player = try atAssociations(.init(readOnly: true))
    for key in ["v", "i", "x", "z"] as [Key] {
      player.press(key)
      #expect(player.model.dialog == nil)
      #expect(player.model.notice?.text == "this console may only look")
    }
  }

  @Test func withoutAnEngineNothingCanBeConfirmed() throws {
    var player = try atAssociations()
    player.give(.unlinked("the engine has gone"))
    player.press("x")
    #expect(player.model.dialog == nil)
    #expect(player.model.notice?.text == "there is no engine to act on")
  }

  @Test func aTerminalTooSmallToReadADialogHasNoneConfirmed() throws {
    var player = try atAssociations()
    player.press("x")
    try player.answerAll()
    player.press(.tab)
    player.give(.resize(Size(width: 10, height: 3)))
    player.press(.enter)
    #expect(player.commands.isEmpty)
    player.press(.escape, "x")
    #expect(player.model.dialog == nil)
  }
}

@Suite struct QuitTests {
  @Test func aConsoleThatDidNotStartTheEngineLeavesAtOnce() throws {
    var player = try Player.looking()
    player.press("q")
    #expect(player.effects == [.quit(.left)])
  }

  @Test func aConsoleThatDidAsksWhatIsToBecomeOfIt() throws {
    var player = try Player.looking(settings: .init(ownsEngine: true))
    player.press("q", .enter)
    #expect(player.effects.isEmpty)
    player.press("q", .tab, .enter)
    #expect(player.effects == [.quit(.left)])
  }

  @Test func stoppingTheRouterWaitsForItsAnswer() throws {
    var player = try Player.looking(settings: .init(ownsEngine: true))
    player.press("q", .tab, .tab, .enter)
    #expect(player.effects.isEmpty)
    #expect(player.asked.last?.request == .stop)
    var other = player
    player.answer(.done("")) { $0 == .stop }
    #expect(player.effects == [.quit(.stopped)])
    // An engine may also just go, since that is what it was told.
    other.give(.unlinked("the engine has gone"))
    #expect(other.effects == [.quit(.stopped)])
  }

  @Test func aRouterThatDoesNotStopSaysWhy() throws {
    var player = try Player.looking(settings: .init(ownsEngine: true))
    player.press("q", .tab, .tab, .enter)
    player.answer(.failure(Refusal(code: "not-permitted", message: "viewers may not act"))) {
      $0 == .stop
    }
    #expect(player.effects.isEmpty)
    #expect(player.model.notice?.kind == .failed)
  }

  @Test func qGetsOutAtEverySize() throws {
    for size in [(1, 1), (5, 2), (19, 4), (20, 5), (200, 60)] {
      var player = try Player.looking(
        Size(width: size.0, height: size.1), settings: .init(ownsEngine: true))
      player.press("q", .tab, .enter)
      #expect(player.effects.first == .quit(.left), "\(size)")
    }
  }
}
