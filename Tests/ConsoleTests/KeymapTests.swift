import Configuration
import Testing

@testable import Console

@Suite struct KeymapTests {
  private func read(_ text: String) throws -> KeymapFile {
    try KeymapFile(text: text, file: "console.toml")
  }

  @Test func anActionHasTheKeysThatTheFileGivesIt() throws {
    let file = try read("[keys]\nfreeze = \"f\"\nquit = [\"q\", \"F10\", \"C-x\"]\nslower = []\n")
    #expect(file.problems.isEmpty)
    #expect(file.keymap.action(for: "f")?.id == .freeze)
    #expect(file.keymap.action(for: "p") == nil)
    #expect(file.keymap.labels(of: .quit) == "q F10 ^X")
    #expect(file.keymap.action(for: .control("C")) == nil)
    #expect(file.keymap.action(for: "{") == nil)
    #expect(file.keymap.keys(of: .faster) == ["}"])
  }

  /// What is wrong in a file, and what the problem says; the line is that of the last line of it.
  static let mistakes: [(text: String, says: String)] = [
    ("freze = \"f\"", "'keys.freze': is unknown; did you mean 'freeze'?"),
    ("freeze = \"Hyper-F\"", "got the text \"Hyper-F\", which is no key"),
    ("freeze = 7", "got the number 7, wants a key"),
    ("freeze = \"^S\"", "^S never arrives"),
    ("freeze = [\"f\", \"^A\"]", "^A never arrives"),
    ("reverse = \"f\"\nfreeze = \"f\"", "f is the key of reverse (line 2)"),
    ("freeze = \"x\"", "takes x from revoke, which has no key now"),
    ("freeze = \"k\"", "takes k from cursor-up, which has Up now"),
    ("quit = []", "there must be a way out"),
    ("freeze = \"Esc\"", "Esc goes back"),
    ("[colors]", "'colors': is unknown"),
  ]

  @Test(arguments: mistakes.indices)
  func mistakesAreSaidWithTheirLineAndStopNothing(_ index: Int) throws {
    let mistake = Self.mistakes[index]
    let file = try read("[keys]\n\(mistake.text)\n")
    let lines = mistake.text.split(separator: "\n").count
    #expect(file.problems.count == 1)
    #expect(file.problems.first?.line == lines + 1)
    let said = file.problems.first?.description ?? ""
    #expect(said.contains(mistake.says), "\(said)")
    #expect(!file.keymap.keys(of: .quit).isEmpty)
  }

  @Test func whoNamesTheLoserIsNotWarned() throws {
    let file = try read("[keys]\nfreeze = \"x\"\nrevoke = \"p\"\n")
    #expect(file.problems.isEmpty)
    #expect(file.keymap.action(for: "x")?.id == .freeze)
    #expect(file.keymap.action(for: "p")?.id == .revoke)
  }

  @Test func theKeysOfAConsoleAreThoseOfItsKeymap() throws {
    let keymap = try read("[keys]\nfreeze = \"f\"\ngo-peers = \"w\"\n").keymap
    var player = try Player.looking(
      Size(width: 170, height: 50), settings: .init(keymap: keymap))
    player.press("w")
    try player.answerAll()
    #expect(player.model.view == .peers)
    player.press("p")
    #expect(!player.model.isFrozen)
    #expect(player.model.notice?.text == "p does nothing here; ? lists the keys")
    player.press("f")
    #expect(player.model.isFrozen)
    let text = Screen.draw(player.model, glyphs: .ascii).text
    #expect(text.contains(" f go on") && text.contains("w Peers"))
    player.press("?")
    #expect(Screen.draw(player.model, glyphs: .ascii).text.contains("f         freeze the screen"))
  }

  @Test func sentencesNameTheKeysThatAreBound() throws {
    let keymap = try read("[keys]\nrevoke = \"F9\"\nlift = []\n").keymap
    #expect(keymap.naming("press {revoke}, {lift} or {freeze}") == "press F9, :lift or p")
    #expect(keymap.naming("{nosuch} } { {") == "{nosuch} } { {")
  }

  @Test func noSentenceNamesAnActionThatIsNot() {
    for name in DropExplanation.names {
      guard let words = DropExplanation.of(name.name) else { continue }
      let said = Keymap.standard.naming(words.meaning + words.advice + words.summary)
      #expect(!said.contains("{") && !said.contains("}"), "\(name.name)")
    }
  }

  static let names: [(String, Key?)] = [
    ("x", "x"), ("X", "X"), ("é", "é"), ("^L", .control("L")), ("Ctrl-l", .control("L")),
    ("C-l", .control("L")), ("^I", .tab), ("^m", .enter), ("F1", .function(1)),
    ("f24", .function(24)), ("F25", nil), ("F0", nil), ("Space", " "), (" ", nil),
    ("PgUp", .pageUp), ("S-Tab", .backTab), ("Delete", .delete), ("", nil), ("xx", nil),
    ("^", "^"), ("^é", nil), ("\u{7f}", nil), ("\u{1b}", nil), ("Meta-x", nil),
  ]

  @Test(arguments: names)
  func keysAreReadByTheirNames(_ name: String, _ key: Key?) {
    #expect(Key(name: name) == key)
  }

  /// What help writes can be written into the file.
  @Test func labelsAreNames() {
    for key in Action.all.flatMap(\.keys) { #expect(Key(name: key.label) == key) }
  }
}
