import Net
import Testing

@testable import Console

/// What is written about keys says what the table of actions says.
///
/// With UPDATE_KEYS=1 in the environment the files are written instead of compared.
@Suite struct KeysDocumentTests {
  private static let begin =
    ".\\\" keys: begin (made from the table of actions by make keys)\n"
  private static let end = ".\\\" keys: end\n"

  @Test func theCheatSheetIsThatOfTheTable() throws {
    try Self.compare(KeysDocument().markdown, "docs/cheat-sheet.md") { _ in
      ""
    } after: { _ in
      ""
    }
  }

  @Test func theManualListsTheKeysOfTheTable() throws {
    try Self.compare(KeysDocument().manual, "docs/man/dnat-console.8") { text in
      text.firstRange(of: Self.begin).map { String(text[..<$0.upperBound]) }
    } after: { text in
      text.firstRange(of: Self.end).map { String(text[$0.lowerBound...]) }
    }
  }

  // The file is what it has before the list, the list, and what it has after it.
  private static func compare(
    _ list: String, _ file: String, before: (String) -> String?, after: (String) -> String?
  ) throws {
    let path = SourceFolder.path("../../\(file)")
    let isUpdate = ThisProcess.environment("UPDATE_KEYS") == "1"
    let present = isUpdate ? (try? File.readText(path)) ?? "" : try File.readText(path)
    let head = try #require(before(present))
    let wanted = head + list + (try #require(after(present)))
    if isUpdate { return try File.replace(path, with: wanted.utf8) }
    #expect(present == wanted, "\(file) is not what the table says: run make keys")
  }

  @Test func everyActionIsInEveryList() {
    let document = KeysDocument()
    for action in Action.all {
      #expect(document.text.contains(action.title), "\(action.id)")
      #expect(document.text.contains(" \(action.id.rawValue) "), "\(action.id)")
      #expect(document.markdown.contains("`\(action.id.rawValue)` | \(action.title) |"))
    }
    for verb in CommandVerb.all { #expect(document.markdown.contains("`:\(verb.usage)`")) }
    #expect(document.manual.ranges(of: ".It Ic ").count == Action.all.count)
  }

  @Test func theListHasTheKeysThatAreBound() throws {
    let file = try KeymapFile(text: "[keys]\nfreeze = \"F9\"\n", file: "console.toml")
    let text = KeysDocument(keymap: file.keymap).text
    #expect(text.contains("  F9 ") && !text.contains("  p "))
  }
}
