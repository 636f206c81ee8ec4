import FoundationEssentials
import Testing

@testable import Console

struct CommandTests {
  @Test(arguments: [
    ("90", 90), ("90s", 90), ("10m", 600), ("2h", 7_200), ("1d", 86_400), ("49710d", 4_294_944_000),
    ("4294967295", 4_294_967_295),
  ])
  func spansAreRead(text: String, seconds: UInt32) {
    #expect(Span(argument: text)?.seconds == seconds)
  }

  @Test(arguments: [
    "", "s", "0", "0m", "-1", "+1", "1.5h", "1 h", "1w", "1H", "10ms", "4294967296", "49711d",
    "99999999999999999999d", "٣",
  ])
  func otherSpansAreRefused(_ text: String) {
    #expect(Span(argument: text) == nil)
  }

  @Test func tablesAreAlignedAndSafe() {
    var table = TextTable("NAME", "SIZE>", "NOTE")
    table.add("a", "1", "")
    table.add("bcd", "1000", "x\u{1b}[2J\ny")
    #expect(
      table.text == """
        NAME  SIZE  NOTE
        a        1  -
        bcd   1000  x\\u{1b}[2J\\u{a}y

        """)
  }

  // RFC 8259, section 7: any character may be written as \u and four hexadecimal digits, one outside
  // of the basic plane as a surrogate pair.
  @Test(arguments: [
    (#"{"a":"b c"}"#, #"{"a":"b c"}"#), (#"["ü"]"#, #"["ü"]"#),
    ("[\"\u{9b}31m\u{7f}\"]", #"["\u009b31m\u007f"]"#), ("[\"\u{202e}\"]", #"["\u202e"]"#),
    ("[\"\u{e0041}\"]", #"["\udb40\udc41"]"#),
  ])
  func jsonIsTheSameValueInSafeCharacters(json: String, wanted: String) throws {
    let safe = TerminalSafeJSON.text(of: Data(json.utf8))
    #expect(safe == wanted)
    if json.hasPrefix("[") {
      let decoder = JSONDecoder()
      let (old, new) = (
        try decoder.decode([String].self, from: Data(json.utf8)),
        try decoder.decode([String].self, from: Data(safe.utf8))
      )
      #expect(old == new)
    }
  }

  @Test(arguments: [
    (["ctl", "status"], true), (["ctl", "--socket", "/x", "--json", "status"], true),
    (
      ["ctl", "validate", "192.0.2.1", "--host", "a", "--protocol", "ah", "--spi", "0x10000"], true
    ),
    (["ctl", "revoke", "192.0.2.0/24", "--for", "10m", "--reason", "why not"], true),
    (["ctl", "drops", "--follow", "--last", "5", "--reason", "too-big"], true),
    (["run", "--config", "/x", "--headless"], true), (["attach", "--read-only"], true),
    (["ctl", "validate", "192.0.2.1"], false),
    (["ctl", "validate", "192.0.2", "--host", "a"], false),
    (["ctl", "revoke", "192.0.2.1/24"], false),
    (["ctl", "revoke", "192.0.2.1", "--for", "x"], false),
    (["ctl", "drops", "--reason", "boredom"], false), (["ctl", "sa", "--limit", "-1"], false),
    (["ctl", "audit2"], false), (["keygen", "Host A"], false),
    (["keygen", "a", "--key-id", "0"], false),
  ])
  func commandLinesAreJudged(arguments: [String], isGood: Bool) {
    let outcome = Result { try Main.parseAsRoot(arguments) }
    #expect(((try? outcome.get()) != nil) == isGood)
  }
}
