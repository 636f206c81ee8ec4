import Testing

@testable import Console

@Suite struct RandomKeysTests {
  private static let keys: [Key] =
    Action.all.flatMap(\.keys) + ["a", "0", ".", "=", " ", "y", "y", "y", "漢"] + [
      .enter, .enter, .enter, .enter, .enter, .enter, .enter, .enter, .tab, .tab, .tab, .tab, .tab,
      .escape, .escape, "x", "x", "x", "v", "z", "z",
      .left, .right, .backspace, .delete, .insert,
      .control("U"), .control("K"), .function(2),
    ]
  private static let sizes = [(1, 1), (19, 4), (20, 5), (40, 10), (60, 16), (80, 24), (132, 43)]

  /// Thousands of random keys, sizes, losses of the engine and late answers: nothing traps, every
  /// screen can be drawn, and nothing is done to the router but by Enter on a button that is not
  /// Cancel, or by `y` to a question of one line, in a dialog that has said what it does.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func randomKeysDoNothingUnasked(_ seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var player = try Player.looking(settings: .init(ownsEngine: seed % 2 == 0))
    var acted = 0
    for step in 0..<5_000 {
      let before = player.commands.count
      let dialog = player.model.dialog
      let key = Self.keys[Int(random.next() % UInt64(Self.keys.count))]
      let isTooSmall = player.model.layout.form == .name
      player.press(key)
      if player.commands.count > before {
        acted += 1
        if !Self.confirms(key, dialog) || dialog?.explained == nil || isTooSmall {
          Issue.record("step \(step) of seed \(seed): \(key.label) acted")
          return
        }
      }
      try Self.disturb(&player, &random)
      _ = Screen.draw(player.model, glyphs: step % 2 == 0 ? .unicode : .ascii)
    }
    // Else the walk has proved nothing.
    #expect(acted > 0)
  }

  private static func confirms(_ key: Key, _ dialog: Dialog?) -> Bool {
    guard let dialog else { return false }
    if dialog.form == .line { return key == "y" && dialog.tier == .line }
    return key == .enter && dialog.focusedButton.map { dialog.buttons[$0].outcome } == .confirm
  }

  private static func disturb(_ player: inout Player, _ random: inout SeededRandom) throws {
    switch random.next() % 24 {
    case 0:
      let size = sizes[Int(random.next() % UInt64(sizes.count))]
      player.give(.resize(Size(width: size.0, height: size.1)))
    case 1: player.give(.tick)
    case 2: player.give(.changed)
    // A locked console, and one with marks on every row, does next to nothing: such a walk would prove
    // nothing.
    case 4, 5: player.model.isLocked = false
    case 6: player.model.table.marks.removeAll()
    case 3 where random.next() % 8 == 0:
      player.give(.unlinked("the engine has gone"))
      player.forget()
      player.give(.linked)
    default: if random.next() % 3 == 0 { try player.answerAll(second: random.next() % 9) }
    }
  }
}
