/// A word that is looked for in texts, whatever the case.
struct SearchWord: Sendable {
  private let text: String
  private let octets: [UInt8]
  private let isASCII: Bool

  init(_ word: String) {
    text = word.lowercased()
    octets = Array(text.utf8)
    isASCII = octets.allSatisfy { $0 < 0x80 }
  }

  /// Whether a text contains the word.
  func isIn(_ other: String) -> Bool {
    isASCII ? isIn(other.utf8Span.span) : other.lowercased().contains(text)
  }

  /// Whether values of a kind can contain the word at all, by the characters that they are made of.
  func canStand<Record>(in kind: Column<Record>.Kind) -> Bool {
    switch kind {
    case .text: true
    case .number: consists(of: "0123456789")
    case .address: consists(of: "0123456789.")
    case .network: consists(of: "0123456789./")
    case .spi: consists(of: "0123456789abcdefx")
    case .moment: consists(of: "0123456789-:tz")
    }
  }

  private func consists(of alphabet: StaticString) -> Bool {
    let allowed = alphabet.description.utf8
    return octets.allSatisfy(allowed.contains)
  }

  // ASCII letters are the same in either case; no octet of another character is one.
  private func isIn(_ other: Span<UInt8>) -> Bool {
    guard octets.count <= other.count else { return false }
    return (0...other.count - octets.count).contains { start in
      octets.indices.allSatisfy { Self.lowered(other[start + $0]) == octets[$0] }
    }
  }

  private static func lowered(_ octet: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(octet) ? octet | 0x20 : octet
  }
}
