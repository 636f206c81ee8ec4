import Testing

@testable import Configuration

/// A text, a path into it, and the line on which that stands.
private struct Position: CustomTestStringConvertible, Sendable {
  var text: String
  var path: [String]
  var line: Int

  init(_ text: String, _ path: String, _ line: Int) {
    self.text = text
    self.path = path.split(separator: "/").map(String.init)
    self.line = line
  }

  var testDescription: String { "\(text.debugDescription) \(path)" }
}

struct TOMLDocumentTests {
  // Forms of keys and values from the TOML 1.0 specification (toml.io), the lines counted by hand.
  @Test(arguments: [
    Position("a = 1\nb = 2", "b", 2),
    Position("\r\n# c\r\na = 1\r\nb = 2", "b", 4),
    Position("[t]\n[t.u]\nx = 1", "t/u/x", 3),
    Position("[t.u]\nx = 1", "t", 1),
    Position("a.b.c = 1\na.b.d = 2", "a/b/d", 2),
    Position("\"q k\" = 1\n'l k' = 2\n\"\\u0041\\t\" = 3", "A\t", 3),
    Position("\"q k\" = 1\n'l k' = 2", "l k", 2),
    Position("a = \"\"\"x\n = \n\"\"\"\"\nb = 1", "b", 4),
    Position("a = '''x\n]'''\nb = 1", "b", 3),
    Position("a = \"#\\\"[\"\nb = 1", "b", 2),
    Position("a = [\n 1, # ]\n 2,\n]\nb = 1", "a/1", 3),
    Position("a = [\n 1, # ]\n 2,\n]\nb = 1", "b", 5),
    Position("a = [[1],\n[\n2]]", "a/1/0", 3),
    Position("a = { b = 1, c = { d = \"}\" } }\ne = 1979-05-27 07:32:00", "a/c/d", 1),
    Position("a = { b = 1, c = { d = \"}\" } }\ne = 1979-05-27 07:32:00", "e", 2),
    Position("[[h]]\nn = 1\n[[h]]\nn = 2", "h/1/n", 4),
    Position("[[h]]\n[[h.i]]\n[h.i.j]\nk = 1\n[[h]]\n[[h.i]]\nk = 2", "h/1/i/0/k", 7),
    Position("[[h]]\n[[h.i]]\n[h.i.j]\nk = 1", "h/0/i/0/j/k", 4),
    Position("a = \"\"\nb = ''\nc = \"\"\"\"\"\"\nd = 1", "d", 4),
    Position("\u{feff}[t]\nx = 1", "t/x", 2),
  ])
  fileprivate func everyValueKnowsItsLine(_ position: Position) throws {
    var node = try TOMLDocument(text: position.text, file: "t").root
    for step in position.path {
      let found =
        if let elements = node.elements, let index = Int(step) { elements[index] } else {
          node[step]
        }
      node = try #require(found)
    }
    #expect(node.line == position.line)
  }

  // The scan follows texts that the parser refuses too, without a trap and to their end.
  @Test func theScanEndsOnAnyText() {
    let alphabet = Array("[]{}=.,#'\"\\\nuU0aé \t-")
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15
    for _ in 0..<20_000 {
      var text = ""
      for _ in 0..<24 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text.append(alphabet[Int(state >> 33) % alphabet.count])
      }
      _ = TOMLPositions(scanning: text)
      // Whatever the parser thinks of it, the program goes on.
      _ = try? TOMLDocument(text: text, file: "t")
    }
  }

  @Test(arguments: [
    "[{", "[{host]]\n", "a = 1\n[;]", "[=]", "[[", "[ ", "[\n[b]", "[[\t]]", "\u{feff}[/",
  ])
  func aHeaderWithoutANameIsAnError(text: String) {
    #expect(throws: ConfigurationError.self) { try TOMLDocument(text: text, file: "t") }
  }

  @Test(arguments: [
    "[ a ]", "[\"a\"]", "[['a']]", "[[ a . b ]]", "x = [\n[{}]\n]", "x = '''\n[{'''", "\u{feff}[a]",
  ])
  func aHeaderWithANameIsNone(text: String) throws {
    _ = try TOMLDocument(text: text, file: "t")
  }

  @Test(arguments: [
    ("", "", 0), ("a", "", 1), ("tunel", "tunnel", 1), ("tnu", "tun", 1), ("kitten", "sitting", 3),
    ("ca", "abc", 3), ("hairpin", "hairpin", 0),
  ])
  func theDistanceCountsSlips(left: String, right: String, wanted: Int) {
    #expect(Suggestion.distance(left, right) == wanted)
    #expect(Suggestion.distance(right, left) == wanted)
  }

  @Test func onlyNearNamesAreSuggested() {
    #expect(Suggestion.nearest(to: "quees", among: ["queues", "tun"]) == "queues")
    #expect(Suggestion.nearest(to: "colour", among: ["queues", "tun"]) == nil)
  }
}
