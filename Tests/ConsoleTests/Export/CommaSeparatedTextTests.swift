import Testing

@testable import Console

@Suite("Exports as comma-separated values")
struct CommaSeparatedTextTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let value: ExportValue
    /// What Python's csv module writes for the same value, or, for a formula, with the apostrophe that
    /// OWASP ("CSV Injection") recommends before it.
    let expected: String
  }

  static let vectors = [
    Vector(testDescription: "a number", value: .plain("4294967295"), expected: "4294967295"),
    Vector(testDescription: "nothing", value: .none, expected: ""),
    Vector(testDescription: "a sentence", value: .text("stolen key"), expected: "stolen key"),
    Vector(testDescription: "a comma", value: .text("a,b"), expected: "\"a,b\""),
    Vector(
      testDescription: "quotes", value: .text("say \"no\""), expected: "\"say \"\"no\"\"\""),
    Vector(testDescription: "a formula", value: .text("=1+1"), expected: "'=1+1"),
    Vector(testDescription: "a formula by @", value: .text("@SUM(A1)"), expected: "'@SUM(A1)"),
    Vector(testDescription: "a negative number", value: .plain("-1"), expected: "-1"),
    Vector(testDescription: "a line break", value: .plain("a\nb"), expected: "\"a\nb\""),
    Vector(testDescription: "an escape", value: .text("a\u{1b}[2J"), expected: "a\\u{1b}[2J"),
  ]

  @Test("a value is quoted where it must be", arguments: vectors)
  func quoting(_ vector: Vector) {
    let octets = CommaSeparatedText.octets(of: [
      [ExportField("first", .plain("1")), ExportField("value", vector.value)]
    ])
    #expect(String(decoding: octets, as: UTF8.self) == "first,value\r\n1,\(vector.expected)\r\n")
  }

  @Test("no rows make no names either")
  func empty() {
    #expect(CommaSeparatedText.octets(of: []).isEmpty)
  }
}
