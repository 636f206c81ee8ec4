import Testing

@testable import Console

@Suite struct PasteTests {
  @Test func pastedTextIsTextInTheFilterAndNothingElsewhere() throws {
    var player = try Player.looking()
    player.press("2")
    try player.answerAll(second: 2)
    player.give(.paste("xq\r"))
    #expect(player.model.dialog == nil && player.effects.isEmpty)
    #expect(player.model.notice?.kind == .hint)
    player.press("/")
    player.forget()
    player.give(.paste("\nhost=hosta\r\nq"))
    #expect(player.model.table.filter == "host=hosta q")
    // One question, however long the text is.
    #expect(player.asked.count == 1)
  }

  @Test func pastedTextFillsAField() throws {
    var player = try Player.looking()
    player.press("x")
    player.wait(1)
    for _ in 0..<12 {
      if let dialog = player.model.dialog, let index = dialog.focusedField,
        case .text = dialog.fields[index].content
      {
        break
      }
      player.press(.tab)
    }
    player.give(.paste("192.0.2.77"))
    #expect(player.model.dialog?.fields.contains { $0.value.hasSuffix("192.0.2.77") } == true)
    // On a button it presses nothing.
    var quiet = try Player.looking()
    quiet.press("x")
    quiet.wait(1)
    quiet.give(.paste("y\r\r"))
    #expect(quiet.model.dialog != nil && quiet.commands.isEmpty)
  }
}

@Suite struct CopyTests {
  @Test func theRowUnderTheCursorIsCopied() throws {
    var player = try Player.looking()
    player.press("2")
    try player.answerAll(second: 2)
    player.press("y")
    let row = try #require(player.model.table.selectedRow)
    guard case .association(let shown) = row, case .copy(let text)? = player.effects.last else {
      Issue.record("nothing was copied")
      return
    }
    // All columns, whether there was room for them or not.
    let fields = text.split(separator: " ").map(String.init)
    #expect(fields.first == shown.host)
    #expect(fields.contains("\(shown.address)") && fields.last == shown.origin)
    #expect(!text.contains("   ") && !text.contains("\n"))
    #expect(player.model.notice?.text.contains(text) == true)
  }

  @Test func detailsAreCopiedWhole() throws {
    var player = try Player.looking(Size(width: 60, height: 16))
    player.press("2")
    try player.answerAll(second: 2)
    player.press(.enter, "y")
    guard case .copy(let text)? = player.effects.last else {
      Issue.record("nothing was copied")
      return
    }
    #expect(text.split(separator: "\n").count > 8 && text.contains("Expires"))
  }

  @Test func whereThereIsNoRowNothingIsCopied() throws {
    var player = try Player.looking()
    player.press("y")
    #expect(player.effects.isEmpty && player.model.notice?.kind == .hint)
  }

  @Test func copyModeIsPlainTextUntilAKey() throws {
    var player = try Player.looking()
    player.press("2")
    try player.answerAll(second: 2)
    player.press("Y")
    let grid = Screen.draw(player.model, glyphs: .unicode)
    #expect(grid.text.contains("hosta") && !grid.text.contains("─") && !grid.text.contains("▌"))
    #expect(grid.cells.allSatisfy { $0.role == .text })
    player.press("x")
    #expect(!player.model.isCopying && player.model.dialog == nil)
    player.press("Y", "q")
    #expect(player.effects.contains(.quit(.left)))
  }
}

@Suite struct MouseTests {
  private func table() throws -> Player {
    var player = try Player.looking()
    player.press("2")
    try player.answerAll(second: 2)
    return player
  }

  private func click(_ player: inout Player, _ x: Int, _ y: Int) {
    player.give(.mouse(MouseEvent(.press, x: x, y: y)))
  }

  @Test func itDoesNothingUntilItIsSwitchedOn() throws {
    var player = try table()
    click(&player, 5, 7)
    #expect(player.model.table.selected == 0)
    player.press("M")
    click(&player, 5, 6)
    #expect(player.model.table.selected == 1)
    player.press("M")
    click(&player, 5, 5)
    #expect(player.model.table.selected == 1)
  }

  @Test func aDoubleClickOpensTheRow() throws {
    var player = try table()
    player.press("M")
    click(&player, 5, 6)
    player.wait(0.6)
    click(&player, 5, 6)
    #expect(player.model.overlay == nil)
    player.wait(0.2)
    click(&player, 5, 6)
    #expect(player.model.overlay != nil)
  }

  @Test func headingsSortAndTabsGo() throws {
    var player = try table()
    player.press("M")
    let titles = try #require(
      Screen.draw(player.model, glyphs: .ascii).text.split(
        separator: "\n", omittingEmptySubsequences: false
      ).dropFirst(4).first)
    let x = try #require(titles.firstRange(of: "PEER")?.lowerBound)
    click(&player, titles.distance(from: titles.startIndex, to: x), 4)
    #expect(player.model.table.sort == "address" && !player.model.table.descending)
    player.wait(1)
    click(&player, titles.distance(from: titles.startIndex, to: x), 4)
    #expect(player.model.table.descending)
    let tabs = try #require(
      Screen.draw(player.model, glyphs: .ascii).text.split(separator: "\n").dropFirst().first)
    let peers = try #require(tabs.firstRange(of: "Peers")?.lowerBound)
    click(&player, tabs.distance(from: tabs.startIndex, to: peers), 1)
    #expect(player.model.view == .peers)
  }

  @Test func theWheelScrolls() throws {
    var player = try table()
    player.press("M")
    player.give(.mouse(MouseEvent(.wheelDown, x: 1, y: 8)))
    #expect(player.model.table.selected == min(3, player.model.table.matched - 1))
    player.give(.mouse(MouseEvent(.wheelUp, x: 1, y: 8)))
    #expect(player.model.table.selected == 0)
  }

  @Test func overADialogItDoesNothing() throws {
    var player = try table()
    player.press("M", "x")
    player.wait(1)
    for y in 0..<24 { click(&player, 30, y) }
    #expect(player.model.dialog != nil && player.commands.isEmpty)
  }
}
