import Configuration
import Net
import Testing

@testable import Console

@Suite struct ThemeTests {
  static let folder = SourceFolder.path("../../themes")
  static let shipped = [
    "default-dark", "default-light", "mono", "ansi16", "high-contrast", "cvd-dark", "cvd-light",
    "tritan",
  ]

  @Test(arguments: shipped)
  func shippedThemesLoadWithoutWarnings(_ name: String) throws {
    let found = ThemeLibrary(folders: [Self.folder]).find(name)
    #expect(found.warnings.isEmpty)
    #expect(found.theme.name == name)
    for depth in ColorDepth.allCases {
      for role in Role.allCases {
        let style = found.theme.style(of: role, at: depth)
        let limit = [0, 8, 16, 256, 1 << 24][depth.rawValue]
        #expect((-1..<max(limit, 0)).contains(style.foreground), "\(role) at \(depth)")
        #expect((-1..<max(limit, 0)).contains(style.background), "\(role) at \(depth)")
      }
    }
  }

  @Test func theThemeInTheProgramIsTheShippedOne() throws {
    let text = try File.readText("\(Self.folder)/default-dark.toml")
    #expect(BuiltinTheme.text + "\n" == text)
    #expect(ThemeLibrary(folders: []).find("default-dark").theme == ThemeLibrary.builtin)
  }

  /// Where colour cannot tell, attributes do.
  @Test(arguments: shipped)
  func theCursorIsSeenAtEveryDepth(_ name: String) {
    let theme = ThemeLibrary(folders: [Self.folder]).find(name).theme
    for depth in ColorDepth.allCases {
      let text = theme.style(of: .text, at: depth)
      for role in [Role.cursor, .buttonFocus, .danger, .title] {
        #expect(theme.style(of: role, at: depth) != text, "\(role) at \(depth)")
      }
      #expect(theme.style(of: .buttonFocus, at: depth) != theme.style(of: .button, at: depth))
    }
  }

  struct Warned: CustomTestStringConvertible, Sendable {
    let text: String
    let warning: String
    var testDescription: String { text }
  }

  static let warned = [
    Warned(text: "[meta]\nbackgruond = \"dark\"", warning: "t:2: key 'meta.backgruond'"),
    Warned(text: "[meta]\nbackground = \"grey\"", warning: "t:2: key 'meta.background'"),
    Warned(text: "[meta]\ninherits = \"nowhere\"", warning: "t:2: key 'meta.inherits'"),
    Warned(text: "[palette]\na = \"#12345\"", warning: "t:2: key 'palette.a'"),
    Warned(text: "[palette]\na = { rgb = \"#123456\", c4 = 1 }", warning: "c4"),
    Warned(text: "[palette]\na = { c16 = 16 }", warning: "wants a colour below 16"),
    Warned(text: "[roles]\n\n\"state.okay\" = \"red\"", warning: "did you mean 'state.ok'?"),
    Warned(text: "[roles]\ntext = \"no-such-colour\"", warning: "t:2: key 'roles.text'"),
    Warned(text: "[roles]\ntext = { fg = 256 }", warning: "t:2"),
    Warned(text: "[roles]\ntext = { attr = \"blink\" }", warning: "wants none, bold"),
    Warned(text: "[glyphs]\nhorizontal = \"--\"", warning: "wants 1 character(s)"),
    Warned(text: "[glyphs]\nbraille = \" ⡀⣀\"", warning: "wants 25 character(s)"),
    Warned(text: "[glyphs]\nhorizontal = \"日\"", warning: "of one column each"),
    Warned(text: "[glyphs]\nhorizontal = \"\\u001b\"", warning: "of one column each"),
    Warned(text: "[glyphs.ascii]\nhorizontal = \"─\"", warning: "of one column each"),
    Warned(text: "[glyphs]\nhorizonal = \"-\"", warning: "did you mean 'horizontal'?"),
    Warned(text: "[colours]\nred = 1", warning: "t:1: key 'colours'"),
  ]

  @Test(arguments: warned)
  func whatIsWrongIsSaidAndTheRestCounts(_ vector: Warned) throws {
    let text = vector.text + "\n[palette2]\n"
    let file = try ThemeFile(text: text, file: "t", named: "t")
    let all = file.warnings.map(\.description)
    #expect(all.contains { $0.contains(vector.warning) }, "\(all)")
  }

  @Test func aFileThatIsNotTOMLGivesTheBuiltinTheme() throws {
    #expect(throws: ConfigurationError.self) {
      try ThemeFile(text: "[roles\n", file: "t", named: "t")
    }
    let found = ThemeLibrary(folders: []).find("no-such-theme")
    #expect(found.theme == ThemeLibrary.builtin)
    #expect(found.warnings.first?.contains("no-such-theme") == true)
  }

  @Test func aThemeNamesOnlyWhatDiffersFromItsBase() throws {
    let file = try ThemeFile(
      text: """
        [meta]
        name = "mine"
        inherits = "default-dark"
        [roles]
        cursor = { fg = "red", bg = 17, attr = ["bold", "underline"] }
        [glyphs]
        cursor = ">"
        braille = "0123456789abcdefghijklmno"
        """, file: "t", named: "mine"
    ) { $0 == "default-dark" ? ThemeLibrary.builtin : nil }
    #expect(file.warnings.isEmpty)
    #expect(file.theme.name == "mine")
    #expect(
      file.theme.style(of: .cursor, at: .twoHundredFiftySix)
        == ResolvedStyle(foreground: 1, background: 17, attributes: [.bold, .underline]))
    #expect(
      file.theme.style(of: .title, at: .twoHundredFiftySix)
        == ThemeLibrary.builtin.style(of: .title, at: .twoHundredFiftySix))
    #expect(file.theme.glyphs[.cursor] == ">")
    // 1 beside 2: the eighth of 25.
    #expect(Graph.spark([1, 2], width: 1, top: 4, glyphs: file.theme.glyphs.withBraille) == "7")
  }

  @Test func aRoleThatIsNotNamedLooksLikeItsParent() throws {
    let file = try ThemeFile(
      text: "[roles]\ntext = \"white\"\ntitle = { fg = \"red\" }\n\"header\" = 3", file: "t",
      named: "t")
    #expect(file.theme.style(of: .titleStrong, at: .sixteen).foreground == 1)
    #expect(file.theme.style(of: .headerSort, at: .sixteen).foreground == 3)
    #expect(file.theme.style(of: .stateOK, at: .sixteen).foreground == 7)
  }

  /// Source of the palette: xterm's 256colres.h.
  @Test(arguments: [
    ("#ff0000", 196), ("#0000ff", 21), ("#000000", 16), ("#ffffff", 231), ("#808080", 244),
    ("#5f87af", 67), ("#080808", 232),
  ])
  func nearestOfThePalette(_ text: String, _ index: Int) throws {
    let color = try #require(ThemeColor(text))
    #expect(color.number(at: .twoHundredFiftySix) == index)
  }
}
