import Net
import PAP
import Engine
import Testing

@testable import Console

/// Every screen as text, beside the one that was looked at and found right.
///
/// With UPDATE_GOLDEN=1 in the environment the files are written instead of compared: read the
/// difference before it is committed.
@Suite struct GoldenTests {
  struct Scene: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let keys: [Key]
    /// Whether the router's answers to the last keys have come.
    var isAnswered = true
    /// Whether the table of entries loses its second row at the end.
    var losesRow = false
    /// Whether there are graphs to be looked at in braille too.
    var hasGraphs = false
    var settings = Model.Settings()
  }

  static let scenes = [
    Scene(testDescription: "overview", keys: [], hasGraphs: true),
    Scene(testDescription: "sa", keys: ["2", "j"]),
    Scene(testDescription: "gone", keys: ["2", "j", "j"], losesRow: true),
    Scene(testDescription: "hosts", keys: ["3"]),
    Scene(testDescription: "peers", keys: ["4"]),
    Scene(testDescription: "log", keys: ["5", "j", "j"]),
    Scene(testDescription: "drops", keys: ["6"], hasGraphs: true),
    Scene(testDescription: "drops-by-source", keys: ["6", "b"], hasGraphs: true),
    Scene(testDescription: "drops-by-host", keys: ["6", "b", "b", "j"]),
    Scene(testDescription: "drops-of-a-day", keys: ["6", "w", "w", "Z"], hasGraphs: true),
    Scene(testDescription: "ike", keys: ["7", "j", "j", "j"]),
    Scene(testDescription: "ports", keys: ["8", "j"]),
    Scene(testDescription: "audit", keys: ["9"]),
    Scene(testDescription: "audit-details", keys: ["9", .enter]),
    Scene(testDescription: "ike-details", keys: ["7", "j", "j", "j", .enter]),
    Scene(testDescription: "not-validated-details", keys: ["5", "j", "j", .enter]),
    Scene(testDescription: "help", keys: ["?"]),
    Scene(testDescription: "host-details", keys: ["3", .enter]),
    Scene(testDescription: "drop-details", keys: ["5", .enter]),
    Scene(testDescription: "revoke", keys: ["2", "x"]),
    Scene(testDescription: "revoke-asked", keys: ["2", "x"], isAnswered: false),
    Scene(testDescription: "validate", keys: ["v"]),
    Scene(testDescription: "marked", keys: ["2", " ", " "]),
    Scene(testDescription: "marked-revoke", keys: ["2", " ", " ", "x"]),
    Scene(testDescription: "lift", keys: ["4", "X"]),
    Scene(testDescription: "filter", keys: ["2", "/", "h", "o"]),
    Scene(testDescription: "find", keys: ["2", .function(3), "1", "9", "8", .enter]),
    Scene(testDescription: "columns", keys: ["2", "C", "j", " "]),
    Scene(testDescription: "sort-menu", keys: ["4", "s", "j"]),
    Scene(testDescription: "cell", keys: ["5", "="]),
    Scene(testDescription: "settings", keys: ["3", .function(2), "j", " "]),
    Scene(testDescription: "command", keys: ["2", ":", "r", "e", .tab]),
    Scene(
      testDescription: "command-mistake", keys: ["4", ":", "s", "a", " ", "-", "-", "x", .enter]),
    Scene(testDescription: "quit", keys: ["q"], settings: .init(ownsEngine: true)),
    Scene(testDescription: "read-only", keys: ["4"], settings: .init(readOnly: true)),
  ]

  static let sizes = [(80, 24), (132, 43), (200, 50), (40, 10), (20, 5)]

  @Test(arguments: scenes)
  func screensAreAsTheyWereLookedAt(_ scene: Scene) throws {
    let braille: [(Glyphs, String)] = scene.hasGraphs ? [(.unicode.withBraille, "braille")] : []
    for (glyphs, name) in [(Glyphs.unicode, "utf8"), (.ascii, "ascii")] + braille {
      var text = ""
      for (width, height) in Self.sizes {
        let grid = try Self.draw(scene, Size(width: width, height: height), glyphs)
        text += "=== \(width)x\(height)\n\(grid.text)\n"
      }
      try Self.compare(text, "\(scene.testDescription)-\(name).txt")
    }
  }

  /// The meanings of the cells at the same sizes, and what the built-in theme makes of them with 256
  /// colours and with none: a colour that has changed, and a meaning that has no attribute, show.
  ///
  /// Meanings stand where they stand whatever the glyphs are.
  @Test(arguments: scenes)
  func rolesAndStylesAreAsTheyWereLookedAt(_ scene: Scene) throws {
    var text = ""
    var roles: Set<Console.Role> = []
    for (width, height) in Self.sizes {
      let size = Size(width: width, height: height)
      let grid = try Self.draw(scene, size, .unicode)
      roles.formUnion(grid.cells.map(\.role))
      text += "=== \(width)x\(height)\n\(StyleLayer.text(of: grid))\n"
      for (glyphs, name) in [(Glyphs.ascii, "ASCII"), (.unicode.withBraille, "braille")] {
        let other = try Self.draw(scene, size, glyphs)
        #expect(other.cells.map(\.role) == grid.cells.map(\.role), "\(width)x\(height) \(name)")
      }
    }
    let legend = StyleLayer.legend(of: roles, ThemeLibrary.builtin)
    try Self.compare(
      "\(text)=== 256 colours; mono\n\(legend)\n", "\(scene.testDescription)-styles.txt")
  }

  /// Two states that are shown by the same word must differ in more than colour, in every theme.
  @Test(arguments: scenes)
  func noStateIsToldByColourAlone(_ scene: Scene) throws {
    let library = ThemeLibrary(folders: [ThemeTests.folder])
    for glyphs in [Glyphs.unicode, .ascii] {
      let grid = try Self.draw(scene, Size(width: 132, height: 43), glyphs)
      for name in ThemeTests.shipped {
        #expect(ColorAlone.words(of: grid, library.find(name).theme) == [], "\(name)")
      }
    }
  }

  static func draw(_ scene: Scene, _ size: Size, _ glyphs: Glyphs) throws -> Grid {
    var player = try Player.looking(size, settings: scene.settings)
    for key in scene.keys {
      player.press(key)
      if scene.isAnswered || key != scene.keys.last { try player.answerAll(second: 2) }
    }
    // The next look, for the rates of the rows.
    if scene.isAnswered {
      player.wait(1)
      player.give(.tick)
      try player.answerAll(second: 3)
    }
    if scene.losesRow {
      player.wait(1)
      player.give(.tick)
      player.answer(.window(try Fixture.associationsWithoutSecond())) { request in
        if case .window(let query) = request { query.view == .associations } else { false }
      }
      try player.answerAll(second: 4)
    }
    return Screen.draw(player.model, glyphs: glyphs)
  }

  private static func compare(_ text: String, _ name: String) throws {
    let path = SourceFolder.path("Golden/\(name)")
    if ThisProcess.environment("UPDATE_GOLDEN") == "1" {
      try File.replace(path, with: text.utf8)
      return
    }
    let golden = try File.readText(path)
    guard golden != text else { return }
    let lines = zip(golden.split(separator: "\n"), text.split(separator: "\n"))
    let first = lines.first { $0 != $1 }
    Issue.record("\(name) differs: wanted '\(first?.0 ?? "")', got '\(first?.1 ?? "")'")
  }
}

@Suite struct ScreenTests {
  /// Every scene at every size: nothing traps, nothing is drawn outside, wide characters stay whole,
  /// and where only ASCII can be shown there is nothing else.
  @Test(arguments: GoldenTests.scenes)
  func everySizeIsDrawn(_ scene: GoldenTests.Scene) throws {
    var player = try Player.looking(settings: scene.settings)
    for key in scene.keys {
      player.press(key)
      try player.answerAll(second: 2)
    }
    for width in Self.widths {
      for height in Self.heights {
        player.give(.resize(Size(width: width, height: height)))
        let glyphs: Glyphs = height % 2 == 0 ? .unicode : .ascii
        let grid = Screen.draw(player.model, glyphs: glyphs)
        if let fault = Self.fault(in: grid, width, height) {
          Issue.record("\(width)x\(height): \(fault)")
          return
        }
      }
    }
  }

  /// Sizes on both sides of each rung of the ladder, and some between.
  private static let widths = [
    1, 2, 3, 7, 12, 19, 20, 21, 30, 39, 40, 41, 50, 59, 60, 61, 70, 79, 80, 81, 99, 100, 119, 120,
    121, 132, 163, 200,
  ]
  private static let heights = [
    1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 13, 15, 16, 17, 20, 23, 24, 25, 31, 39, 40, 41, 50, 60,
  ]

  private static func fault(in grid: Grid, _ width: Int, _ height: Int) -> String? {
    if grid.cells.count != width * height { return "\(grid.cells.count) cells" }
    if let cursor = grid.cursor, grid[cursor.x, cursor.y] == nil { return "cursor at \(cursor)" }
    if let place = TextTests.brokenPlace(grid) { return "half a character at \(place)" }
    if grid.ascii, let cell = grid.cells.first(where: { $0.base.value > 0x7e }) {
      return "\(cell.base) is not ASCII"
    }
    return nil
  }

  /// design.md, section 7: no octet from outside reaches a terminal unescaped.
  @Test func hostileTextReachesNoCell() throws {
    var player = try Player.looking()
    player.press("4")
    let hostile = "\u{1b}]0;x\u{7}\u{202e}\u{9b}2J\u{200b}日"
    let row: PeerRow = try Fixture.decode(
      """
      {"generation": 1, "target": "192.0.2.66/32", "state": "revoked", "hosts": ["\\u001b[2J"], "entries": 0,
       "packets": 0, "bytes": 0, "lastSeen": "\\u001b", "packetsPerSecond": 0.0,
       "bitsPerSecond": 0.0, "drops": 0,
       "by": "\\u009b31m", "reason": "\\u001b]0;x\\u0007\\u202e\\u200b", "expires": "\\u001b"}
      """)
    try player.answerAll()
    player.model.table.apply(
      Fixture.window([.peer(row)]), placement: .fresh, height: 5, at: 0)
    player.model.say(hostile, .failed)
    for keys in [[], [.enter], [.escape, "X"]] as [[Key]] {
      for key in keys { player.press(key) }
      player.give(.resize(Size(width: 160, height: 50)))
      for cell in Screen.draw(player.model, glyphs: .unicode).cells where !cell.isContinuation {
        for scalar in [cell.base] + cell.marks {
          let isSafe = SafeText.clusters(String(Character(scalar)), ascii: false).count == 1
          #expect(isSafe || cell.marks.contains(scalar), "\(scalar.value)")
        }
      }
    }
  }

  @Test func anEngineThatIsGoneIsSaidOnEveryView() throws {
    for size in [Size(width: 80, height: 24), Size(width: 40, height: 10)] {
      var player = Player(size)
      player.give(.unlinked("no engine answers at /run/x.sock; start one with dnat-console run"))
      for view in ViewID.allCases {
        player.press(view.key)
        let text = Screen.draw(player.model, glyphs: .ascii).text
        #expect(text.contains("NO ENGINE"), "\(view)")
        #expect(text.contains("no engine answers"), "\(view)")
      }
    }
  }
}
