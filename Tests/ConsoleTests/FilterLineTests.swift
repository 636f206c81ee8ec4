import Engine
import Testing

@testable import Console

/// Filters where the console or `ctl` reads or explains them.
struct FilterLineTests {
  @Test func whatANewerRequestHasOvertakenIsNoMistake() throws {
    var player = try Player.looking()
    player.press("2", "/")
    player.type("e")
    player.answer(.failure(Refusal(code: "overtaken", message: "overtaken"))) {
      if case .window(let query) = $0 { query.filter == "e" && query.overtakes } else { false }
    }
    #expect(player.model.table.filterFailure == nil && player.model.table.filter == "e")
  }

  @Test(arguments: [("short", "^ short"), ("so long that ten words stand in the way", "^")])
  func wordsFindRoomWhereverTheMistakeIs(message: String, beside: String) throws {
    var player = try Player.looking()
    player.press("2", "/")
    player.type(String(repeating: "a", count: 60))
    player.answer(.failure(Refusal(code: "bad-filter", message: message, column: 60))) {
      if case .window(let query) = $0 { query.filter.count == 60 } else { false }
    }
    let lines = player.text.split(separator: "\n", omittingEmptySubsequences: false)
    let place = try #require(lines.firstIndex { $0.hasPrefix(" filter: aaa") })
    #expect(lines[place + 1].drop { $0 == " " } == beside)
    let caret = Array(lines[place + 1]).firstIndex(of: "^")
    #expect(caret == Array(lines[place].prefix(75)).lastIndex(of: "a"))
    #expect(player.text.contains(message))
  }

  @Test(arguments: [
    ("esp hsot=a", 5, "no\n  esp hsot=a\n      ^"), ("", 1, "no\n  \n  ^"),
    ("a", 2, "no\n  a\n   ^"), ("\u{1b}[x y=", 4, "no\n  \\u{1b}[x y=\n          ^"),
  ])
  func theCaretStandsBelowTheMistake(filter: String, column: Int, wanted: String) {
    let error = ControlError(.badFilter, "no", column: column)
    #expect(FilterOption.explanation(of: error, in: filter) == wanted)
  }
}
