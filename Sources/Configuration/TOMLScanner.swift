/// A cursor over TOML text that knows its line.
///
/// Every method moves forward or stays, none traps.
struct TOMLScanner {
  /// The line of the cursor, counted from 1.
  private(set) var line = 1
  private let text: [UInt8]
  private var position = 0

  init(_ text: String) {
    self.text = Array(text.utf8)
    // Some editors begin UTF-8 with a byte order mark, and the parser skips it.
    if self.text.starts(with: "\u{feff}".utf8) { position = 3 }
  }

  private var current: UInt8? { position < text.count ? text[position] : nil }

  private mutating func advance() {
    guard position < text.count else { return }
    if current == UInt8(ascii: "\n") { line += 1 }
    position += 1
  }

  private mutating func advance(while condition: (UInt8) -> Bool) {
    while let octet = current, condition(octet) { advance() }
  }

  private func looking(at characters: StaticString) -> Bool {
    let wanted = characters.description.utf8
    return text[position...].starts(with: wanted)
  }

  /// Steps over the character if it is the next one.
  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard current == UInt8(ascii: character) else { return false }
    advance()
    return true
  }

  /// Whether a key may begin here.
  var isAtKey: Bool {
    guard let current else { return false }
    return Self.isBare(current) || current == UInt8(ascii: "\"") || current == UInt8(ascii: "'")
  }

  /// Whether the character is the next one.
  func isAt(_ character: Unicode.Scalar) -> Bool { current == UInt8(ascii: character) }

  mutating func skipSpaces() {
    advance { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
  }

  mutating func skipLine() {
    advance { $0 != UInt8(ascii: "\n") }
  }

  /// Skips white space, line ends and comments; false at the end of the text.
  mutating func skipBlankLines() -> Bool {
    while let octet = current {
      switch octet {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): advance()
      case UInt8(ascii: "#"): skipLine()
      default: return true
      }
    }
    return false
  }

  /// Goes behind the next such character of the line.
  mutating func skipTo(_ character: Unicode.Scalar) {
    let wanted = UInt8(ascii: character)
    advance { $0 != wanted && $0 != UInt8(ascii: "\n") }
    if current == wanted { advance() }
  }

  /// Reads `a.b."c d"`; at least one octet is consumed where there is one.
  mutating func dottedKey() -> [String] {
    var keys: [String] = []
    repeat {
      skipSpaces()
      keys.append(simpleKey())
      skipSpaces()
    } while take(".")
    return keys
  }

  private mutating func simpleKey() -> String {
    if current == UInt8(ascii: "\"") || current == UInt8(ascii: "'") { return quotedText() }
    let start = position
    advance { Self.isBare($0) }
    if position == start, current != nil { advance() }
    return String(decoding: text[start..<position], as: UTF8.self)
  }

  private static func isBare(_ octet: UInt8) -> Bool {
    switch octet {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// Skips a text, number, truth value or moment.
  mutating func skipScalar() {
    if current == UInt8(ascii: "\"") || current == UInt8(ascii: "'") {
      _ = quotedText()
    } else {
      let start = position
      advance { !",]}#\n".utf8.contains($0) }
      // A stray delimiter would otherwise hold the cursor for ever.
      if position == start, current != nil { advance() }
    }
  }

  /// Reads any of the four forms of quoted text.
  private mutating func quotedText() -> String {
    let mark = current
    let isLong = looking(at: "\"\"\"") || looking(at: "'''")
    for _ in 0..<(isLong ? 3 : 1) { advance() }
    var content: [UInt8] = []
    while let octet = current {
      if octet == mark, !isLong || looking(at: "\"\"\"") || looking(at: "'''") { break }
      if octet == UInt8(ascii: "\\"), mark == UInt8(ascii: "\"") {
        advance()
        content += escaped()
      } else {
        content.append(octet)
        advance()
      }
    }
    // Long text may end with one or two marks of its own before the three that close it.
    advance { isLong && $0 == mark }
    if !isLong { advance() }
    return String(decoding: content, as: UTF8.self)
  }

  private mutating func escaped() -> [UInt8] {
    guard let octet = current else { return [] }
    advance()
    switch octet {
    case UInt8(ascii: "b"): return [8]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "f"): return [12]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "u"): return scalar(digits: 4)
    case UInt8(ascii: "U"): return scalar(digits: 8)
    default: return [octet]
    }
  }

  private mutating func scalar(digits: Int) -> [UInt8] {
    let end = min(position + digits, text.count)
    let number = UInt32(String(decoding: text[position..<end], as: UTF8.self), radix: 16)
    position = end
    return number.flatMap(Unicode.Scalar.init).map { Array(String($0).utf8) } ?? []
  }
}
