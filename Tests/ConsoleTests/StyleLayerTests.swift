import Testing

@testable import Console

/// The tests' own instruments: what they would not see they could not fail for.
@Suite struct StyleLayerTests {
  private func grid(_ words: [(text: String, x: Int, y: Int, role: Console.Role)]) -> Grid {
    var grid = Grid(Size(width: 12, height: 4), ascii: false)
    for word in words { grid.put(word.text, word.x, word.y, role: word.role) }
    return grid
  }

  @Test func runsOfRolesAreWrittenLineByLine() {
    var grid = grid([("up", 0, 0, .stateOK), ("x", 2, 0, .key), ("end", 9, 3, .hint)])
    grid.fill(Rect(x: 0, y: 1, width: 12, height: 2), "-", role: .border)
    #expect(
      StyleLayer.text(of: grid)
        == """
        0 | 0..1 state.ok, 2 key
        1..2 | 0..11 border
        3 | 9..11 hint
        """)
  }

  @Test func theLegendHasColoursAndAttributes() throws {
    let file = try ThemeFile(
      text: """
        [roles]
        text = { fg = 7, bg = 233 }
        title = { fg = "#ff0000", attr = "bold", mono = "reverse" }
        """, file: "t", named: "t")
    #expect(
      StyleLayer.legend(of: [.title, .text, .key], file.theme)
        == """
        text: 7 on 233; mono none
        title: 196 on 233 bold; mono reverse
        key: 7 on 233; mono none
        """)
  }

  @Test(
    arguments: [
      // The same word, and without colour the same look.
      ("up", Console.Role.stateBusy, "up", ["up"]), ("up", .stateBusy, "off", []),
      // Bold in one of them.
      ("up", .stateFail, "up", []), ("up", .stateOK, "up", []), ("up", .text, "up", []),
    ] as [(String, Console.Role, String, [String])])
  func wordsThatOnlyColourTellsApartAreFound(
    _ first: String, _ role: Console.Role, _ second: String, _ found: [String]
  ) {
    let grid = grid([(first, 0, 0, role), ("a", 2, 0, .key), (second, 4, 2, .stateOK)])
    #expect(ColorAlone.words(of: grid, ThemeLibrary.builtin) == found)
  }
}
