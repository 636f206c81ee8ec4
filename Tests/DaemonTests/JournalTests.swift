import Logging
import Testing

@testable import Daemon

/// Octets as https://systemd.io/JOURNAL_NATIVE_PROTOCOL describes and shows them.
@Suite struct JournalTests {
  @Test func aFieldIsALine() {
    #expect(
      Journal.entry([("PRIORITY", "3"), ("MESSAGE", "Hello")])
        == Array("PRIORITY=3\nMESSAGE=Hello\n".utf8))
  }

  /// The document's own example of a value of two lines.
  @Test func aValueOfSeveralLinesSaysItsLength() {
    let wanted: [UInt8] =
      Array("MESSAGE\n".utf8) + [0x0b, 0, 0, 0, 0, 0, 0, 0] + Array("hello\nworld\n".utf8)
    #expect(Journal.entry([("MESSAGE", "hello\nworld")]) == wanted)
  }

  @Test(arguments: [
    ("host", "DNAT_HOST"), ("key-id", "DNAT_KEY_ID"), ("_x", "DNAT__X"), ("a=b\n", "DNAT_A_B_"),
    ("ß", "DNAT_SS"),
    (String(repeating: "n", count: 99), "DNAT_" + String(repeating: "N", count: 59)),
  ])
  func fieldNamesAreTheJournals(name: String, wanted: String) {
    #expect(Journal.fieldName(name) == wanted)
  }

  @Test func levelsAreSyslogs() {
    let levels: [Logger.Level] = [.trace, .debug, .info, .notice, .warning, .error, .critical]
    #expect(levels.map(Journal.priority) == [7, 7, 6, 5, 4, 3, 2])
  }

  @Test func aLogLineIsOneLine() {
    let line = DaemonLog.line(level: "info", text: "x\n\u{1b}]0;y\u{7}", wallClock: 0)
    #expect(line == "1970-01-01T00:00:00Z info x\\u{a}\\u{1b}]0;y\\u{7}\n")
  }
}
