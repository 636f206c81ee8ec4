import Net
import PAP
import Testing

@testable import Engine

/// Seconds since 1970 and the RFC 3339 text, by Python's datetime.fromtimestamp(s, timezone.utc).
private struct TimeVector: CustomTestStringConvertible, Sendable {
  var seconds: UInt64
  var text: String

  init(_ seconds: UInt64, _ text: String) {
    self.seconds = seconds
    self.text = text
  }

  var testDescription: String { text }
}

struct TextTests {
  @Test(arguments: [
    TimeVector(0, "1970-01-01T00:00:00Z"),
    TimeVector(1, "1970-01-01T00:00:01Z"),
    TimeVector(86_399, "1970-01-01T23:59:59Z"),
    TimeVector(86_400, "1970-01-02T00:00:00Z"),
    TimeVector(951_782_400, "2000-02-29T00:00:00Z"),
    TimeVector(951_868_799, "2000-02-29T23:59:59Z"),
    TimeVector(951_868_800, "2000-03-01T00:00:00Z"),
    TimeVector(1_078_012_800, "2004-02-29T00:00:00Z"),
    TimeVector(1_735_689_599, "2024-12-31T23:59:59Z"),
    TimeVector(1_735_689_600, "2025-01-01T00:00:00Z"),
    TimeVector(1_763_826_001, "2025-11-22T15:40:01Z"),
    TimeVector(4_102_444_799, "2099-12-31T23:59:59Z"),
    TimeVector(4_102_444_800, "2100-01-01T00:00:00Z"),
    TimeVector(4_107_542_400, "2100-03-01T00:00:00Z"),
    TimeVector(13_569_465_600, "2400-01-01T00:00:00Z"),
  ])
  fileprivate func timesAreThoseOfPython(_ vector: TimeVector) {
    #expect(Timestamp.text(vector.seconds * 1_000_000_000 + 999_999_999) == vector.text)
    #expect(Timestamp.seconds(vector.text) == Int64(vector.seconds))
    let long = Timestamp.textWithMilliseconds(vector.seconds * 1_000_000_000 + 7_000_000)
    #expect(long == vector.text.dropLast() + ".007Z")
    #expect(Timestamp.seconds(long) == Int64(vector.seconds))
  }

  @Test(arguments: [
    "", "Z", "2025-01-01", "2025-00-01T00:00:00Z", "2025-13-01T00:00:00Z", "2025-01-01T00:00:00",
  ])
  func otherTextsAreNoTimes(_ text: String) {
    #expect(Timestamp.seconds(text) == nil)
  }

  @Test func noTimeTraps() {
    #expect(Timestamp.text(.max).hasSuffix("Z"))
    let huge = "9999999999999999-12-9999999999T9999999999:99:99Z"
    #expect(Timestamp.seconds(huge) != nil)
  }

  // Characters by name: Unicode's UnicodeData.txt, Bidi_Control and Default_Ignorable_Code_Point.
  @Test(arguments: [
    ("plain ~ text", "plain ~ text"), ("", ""), ("Grüße 日本 𝄞", "Grüße 日本 𝄞"),
    ("a\u{1b}[2Jb", "a\\u{1b}[2Jb"), ("a\nb\tc\r", "a\\u{a}b\\u{9}c\\u{d}"),
    ("\u{0}\u{7f}", "\\u{0}\\u{7f}"), ("\u{9b}31m", "\\u{9b}31m"),
    ("\u{202e}gpj.exe", "\\u{202e}gpj.exe"), ("\u{2066}\u{2069}", "\\u{2066}\\u{2069}"),
    ("a\u{200b}b\u{200d}c\u{feff}", "a\\u{200b}b\\u{200d}c\\u{feff}"),
    ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"), ("\u{ad}", "\\u{ad}"),
    ("\u{e0041}", "\\u{e0041}"), ("\u{e000}", "\\u{e000}"), ("\u{3164}", "\\u{3164}"),
    ("\u{fffe}", "\\u{fffe}"), ("e\u{301}", "e\u{301}"),
  ])
  func whatATerminalMustNotSeeIsEscaped(text: String, wanted: String) {
    #expect(text.terminalSafe == wanted)
  }
}
