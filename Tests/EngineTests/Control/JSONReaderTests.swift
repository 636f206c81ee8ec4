import FoundationEssentials
import Testing

@testable import Engine

/// What clients send is read as Foundation's own reader reads it, and what is no JSON is refused.
struct JSONReaderTests {
  @Test(arguments: [
    "0", "-0", "-12", "9223372036854775807", "-9223372036854775808", "1.5", "-2.5e3", "1E+2",
    "2e-1",
    "true", "false", "null", "\"\"", "[]", "{}", " [ 1 , [ ] , { \"a\" : null } ]\t\r\n",
    #""a\"\\\/\b\f\n\r\tz""#, #""\u00e9\u20AC\ud83d\ude00""#, "\"é€😀\u{7f}\"",
    #"{"verb":"sa","arguments":{"limit":3,"host":"hosta"},"id":[1.5,{"a":null}]}"#,
  ])
  func aValueIsReadAsFoundationReadsIt(_ text: String) throws {
    let wanted = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    #expect(try JSONReader.read(Array(text.utf8)) == wanted)
  }

  @Test(arguments: [
    "", " ", "{", "[", "[1", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{1:1}",
    "01", "-", "+1", ".5", "1.", "1e", "1e999", "tru", "nul", "True", "\"", "\"\\x\"", "\"\\u12\"",
    "\"\\u12g4\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"a\nb\"", "1 2", "[] []",
    "'a'", "NaN",
  ])
  func whatIsNoJSONIsRefused(_ text: String) {
    #expect(throws: JSONReader.Unreadable.self) { try JSONReader.read(Array(text.utf8)) }
  }

  @Test(arguments: [
    [0x22, 0xff, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22],
  ])
  func textThatIsNoUTF8IsRefused(_ octets: [UInt8]) {
    #expect(throws: JSONReader.Unreadable.self) { try JSONReader.read(octets) }
  }

  @Test(arguments: [(32, true), (33, false)])
  func nestingHasALimit(depth: Int, isRead: Bool) {
    let octets = [UInt8](repeating: 0x5b, count: depth) + [UInt8](repeating: 0x5d, count: depth)
    #expect(((try? JSONReader.read(octets)) != nil) == isRead)
  }

  @Test func randomValuesAreReadAsFoundationReadsThem() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededRandom(seed: seed)
    for _ in 0..<300 {
      let octets = try ControlJSON.encode(Self.value(&random, depth: 0))
      let wanted = try JSONDecoder().decode(JSONValue.self, from: Data(octets))
      if try JSONReader.read(octets) != wanted {
        Issue.record("\(String(decoding: octets, as: UTF8.self)) (seed \(seed))")
        return
      }
    }
  }

  private static func value(_ random: inout SeededRandom, depth: Int) -> JSONValue {
    switch Int.random(in: 0..<(depth < 4 ? 7 : 5), using: &random) {
    case 0: return .null
    case 1: return .boolean(Bool.random(using: &random))
    case 2: return .integer(Int64.random(in: .min ... .max, using: &random))
    case 3: return .number(Double(Int.random(in: -9...9, using: &random)) + 0.25)
    case 4:
      let scalars = (0..<Int.random(in: 0...6, using: &random)).compactMap { _ in
        Unicode.Scalar(UInt32.random(in: 0...0x1_f600, using: &random))
      }
      return .string(String(String.UnicodeScalarView(scalars)))
    case 5:
      return .array((0..<3).map { _ in value(&random, depth: depth + 1) })
    default:
      return .object([
        "a": value(&random, depth: depth + 1), "b\n": value(&random, depth: depth + 1),
      ])
    }
  }
}
