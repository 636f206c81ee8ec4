import Testing

@testable import Console

@Suite struct ActionTests {
  @Test func everyActionHasOneRowAndKeysOfItsOwn() {
    #expect(Action.all.map(\.id.rawValue).sorted() == ActionID.allCases.map(\.rawValue).sorted())
    let keys = Action.all.flatMap(\.keys)
    #expect(Set(keys).count == keys.count)
    for action in Action.all {
      #expect(!action.keys.isEmpty && !action.title.isEmpty)
      for key in action.keys {
        #expect(Keymap.standard.action(for: key)?.id == action.id)
      }
    }
  }

  /// Keys that terminals and multiplexers keep for themselves.
  @Test func keysThatDoNotArriveAreNotUsed() {
    #expect(Action.all.flatMap(\.keys).allSatisfy { !KeymapFile.reserved.contains($0) })
  }

  @Test(arguments: Action.all.map(\.id))
  func everyActionDoesSomething(_ id: ActionID) throws {
    let action = try #require(Action.named(id))
    let view = try #require(Self.view(for: action))
    for key in action.keys {
      var player = try Player.looking()
      player.press(action.id.destination == view ? "4" : view.key)
      try player.answerAll(second: 2)
      // Something to undo for the keys that go back, up or to the left, and a row to act on.
      if id == .cursorUp || id == .pageUp || id == .first { player.press("G") }
      if id == .scrollLeft { player.press("l") }
      if id == .back { player.press("?") }
      if id == .historyForward { player.press("[") }
      if id == .findNext || id == .findPrevious { player.model.table.find = "a" }
      if id == .follow { player.press("j") }
      if id == .markNone || id == .markedOnly { player.press(" ") }
      if id == .undo || id == .keep {
        player.model.undoable = Undoable(
          number: 7, summary: "revoke 192.0.2.1 for all hosts", until: .max,
          provisionalUntil: .max)
      }
      let before = Self.footprint(player)
      player.press(key)
      #expect(Self.footprint(player) != before, "\(key.label)")
      let refusal = player.model.notice.flatMap { notice in
        notice.kind == .done || notice.kind == .pending ? nil : notice.text
      }
      #expect(refusal == nil, "\(key.label): \(refusal ?? "")")
    }
  }

  private static func view(for action: Action) -> ViewID? {
    if action.id == .lift { return .peers }
    let places: [ViewID] = [.associations, .peers, .hosts, .log, .drops]
    return places.first { action.applies(in: $0) }
  }

  /// All that a key may change.
  private static func footprint(_ player: Player) -> String {
    let model = player.model
    let table = model.table
    return [
      "\(model.view)", "\(model.overlay == nil)", "\(model.dialog?.title ?? "")",
      "\(model.isFrozen)", "\(model.preferences)", "\(model.filterInput == nil)",
      "\(String(describing: model.menu)) \(model.findInput == nil) \(model.place)",
      "\(model.commandInput == nil)",
      "\(player.asked.count)",
      "\(table.selected) \(table.top) \(table.columnOffset) \(table.sort) \(table.descending)",
      "\(player.effects) \(model.isCopying) \(model.preferences.mouse)",
      "\(model.graphSpan) \(model.counterMode) \(model.countingNote)",
      "\(table.marks.count) \(table.marks.anchor == nil)",
      "\(table.marks.showsOnly) \(table.marks.isMarkingAll)",
      "\(model.isLocked) \(model.reasonInput == nil) \(model.notice?.text ?? "")",
    ].joined(separator: "|")
  }

  @Test func theHelpListsEveryActionWithAllItsKeys() throws {
    for width in [60, 90, 132, 200] {
      var player = try Player.looking(Size(width: width, height: 120))
      player.press("?")
      let text = Screen.draw(player.model, glyphs: .unicode).text
      for action in Action.all {
        #expect(text.contains(action.title), "\(action.id) at \(width)")
        #expect(
          text.contains(Keymap.standard.labels(of: action.id)), "\(action.id) at \(width)")
      }
    }
  }

  @Test func theHelpOfAConsoleThatMayOnlyLookSaysSo() throws {
    var player = try Player.looking(
      Size(width: 90, height: 120), settings: .init(readOnly: true))
    player.press("?")
    let text = Screen.draw(player.model, glyphs: .unicode).text
    #expect(text.contains("Act on the router: this console may only look"))
    let lines = Help.lines(player.model, width: 86)
    let revoke = lines.first { $0.contains { $0.text.contains("revoke: cut") } }
    #expect(revoke?.allSatisfy { $0.role == .textDim } == true)
  }

  @Test func aKeyWithoutActionSaysWhereToLook() throws {
    var player = try Player.looking()
    player.press("0")
    #expect(player.model.notice?.text == "0 does nothing here; ? lists the keys")
    player.press("o")
    #expect(player.model.notice?.text.contains("not in this view") == true)
  }
}
