import Testing

@testable import Console

@Suite struct GraphTests {
  @Test func anythingAboveZeroIsSeen() {
    let line = Graph.spark([0, 0.001, 50, 100], width: 6, glyphs: .unicode)
    #expect(line == "   ▁▄█")
    #expect(Graph.spark([0, 1, 2], width: 2, glyphs: .ascii) == "-#")
    // Dots 7, and 8 6 5 4: U+28F8.
    #expect(Graph.spark([0.001, 100], width: 1, glyphs: .unicode.withBraille) == "\u{28f8}")
  }

  @Test func barsOfSeveralLinesStandOnEachOther() {
    #expect(Graph.bars([1, 2], width: 2, height: 2, glyphs: .unicode) == [" █", "██"])
    #expect(Graph.bars([.nan, .infinity, -1], width: 3, height: 1, glyphs: .ascii) == ["   "])
    #expect(Graph.bars([1], width: 0, height: 3, glyphs: .ascii).isEmpty)
    // All eight dots below, and above them 8 6 5 4.
    #expect(
      Graph.bars([4, 8], width: 1, height: 2, glyphs: .unicode.withBraille)
        == ["\u{28b8}", "\u{28ff}"])
  }

  /// Source: The Unicode Standard, code chart U+2800: dot n is bit n - 1 of the code point; 1 2 3 7
  /// stand below each other at the left, 4 5 6 8 at the right.
  @Test func aCellOfBrailleHasTwoBarsOfFourDots() {
    let left: [UInt32] = [0, 0x40, 0x44, 0x46, 0x47]
    let right: [UInt32] = [0, 0x80, 0xa0, 0xb0, 0xb8]
    for (first, dots) in left.enumerated() {
      for (second, otherDots) in right.enumerated() {
        let text = Graph.spark(
          [Double(first), Double(second)], width: 1, top: 4, glyphs: .unicode.withBraille)
        // An empty cell is a blank: not every font has U+2800.
        let wanted = dots | otherDots == 0 ? 0x20 : 0x2800 | dots | otherDots
        #expect(text.unicodeScalars.map(\.value) == [wanted], "\(first) beside \(second)")
      }
    }
  }

  @Test func brailleShowsTwiceTheTimeInTheSameWidth() {
    let values = [9.0, 9, 9, 9, 1, 2, 3, 4]
    #expect(Graph.spark(values, width: 2, glyphs: .unicode) == "▆█")
    // 1 beside 2 is U+28E0, 3 beside 4 U+28FE.
    #expect(Graph.spark(values, width: 2, glyphs: .unicode.withBraille) == "\u{28e0}\u{28fe}")
    #expect(
      Graph.spark([1, 1, 1], width: 3, top: 4, glyphs: .unicode.withBraille)
        == " \u{2880}\u{28c0}")
  }

  @Test(
    arguments: [
      ([1, 2, 3], 3, [1, 1, 2, 2, 3, 3]), ([1, 2, 3], 9, [1, 1, 2, 2, 3, 3]),
      ([1, 2, 3], 2, [1, 1, 2, 3]), ([1, 2, 3], 1, [1, 3]), ([1, 2, 3, 4, 7, 6], 2, [1, 3, 4, 7]),
      ([], 4, []), ([1, 2], 0, [1, 2]),
    ] as [([Double], Int, [Double])])
  func brailleFillsTheRoomThatIsThere(_ values: [Double], _ width: Int, _ fitted: [Double]) {
    #expect(Graph.fitted(values, width: width, glyphs: .unicode.withBraille) == fitted)
  }

  @Test func onlyWhereThereIsUTF8() {
    #expect(Glyphs.ascii.withBraille == .ascii)
  }
}

@Suite struct LooksTests {
  struct Choice: CustomTestStringConvertible, Sendable {
    let level: Preferences.GlyphLevel
    let terminal: String
    let isASCIIOnly: Bool
    let glyphs: Glyphs
    var testDescription: String { "\(level) on \(terminal), ASCII only: \(isASCIIOnly)" }
  }

  static let choices = [
    Choice(level: .automatic, terminal: "xterm-256color", isASCIIOnly: false, glyphs: .unicode),
    Choice(level: .automatic, terminal: "putty", isASCIIOnly: false, glyphs: .unicode),
    Choice(level: .automatic, terminal: "vte-256color", isASCIIOnly: false, glyphs: .unicode),
    Choice(level: .automatic, terminal: "linux", isASCIIOnly: false, glyphs: .ascii),
    Choice(level: .automatic, terminal: "linux-16color", isASCIIOnly: false, glyphs: .ascii),
    Choice(level: .automatic, terminal: "vt220", isASCIIOnly: false, glyphs: .ascii),
    Choice(level: .automatic, terminal: "xterm", isASCIIOnly: true, glyphs: .ascii),
    Choice(level: .block, terminal: "linux", isASCIIOnly: false, glyphs: .unicode),
    Choice(level: .block, terminal: "xterm", isASCIIOnly: true, glyphs: .ascii),
    Choice(level: .braille, terminal: "xterm", isASCIIOnly: false, glyphs: .unicode.withBraille),
    Choice(level: .braille, terminal: "xterm", isASCIIOnly: true, glyphs: .ascii),
    Choice(level: .ascii, terminal: "xterm", isASCIIOnly: false, glyphs: .ascii),
  ]

  @Test(arguments: choices)
  func glyphsGoByChoiceLocaleAndTerminal(_ choice: Choice) {
    let looks = Looks(
      automatic: BuiltinTheme.name, isASCIIOnly: choice.isASCIIOnly,
      isBare: Looks.isBare(terminal: choice.terminal))
    var preferences = Preferences()
    preferences.glyphs = choice.level
    #expect(looks.glyphs(of: ThemeLibrary.builtin, preferences) == choice.glyphs)
  }
}
