internal import Net
internal import PAP

/// A word that is looked for in texts.
///
/// One in small letters matches whatever the case; one with a capital matches as it stands. What is
/// no text, such as an address, matches whatever the case.
struct SearchWord: Sendable {
  private let text: String
  private let octets: [UInt8]
  private let lowered: [UInt8]
  private let isExact: Bool
  private let isASCII: Bool

  init(_ word: String) {
    let small = word.lowercased()
    text = small
    octets = Array(word.utf8)
    lowered = Array(small.utf8)
    isExact = small != word
    isASCII = octets.allSatisfy { $0 < 0x80 }
  }

  /// Whether a text contains the word.
  func isIn(_ other: String) -> Bool {
    if isExact { return Self.find(octets, in: other.utf8Span.span, ignoringCase: false) }
    if isASCII { return Self.find(octets, in: other.utf8Span.span, ignoringCase: true) }
    return other.lowercased().contains(text)
  }

  /// Whether a value as it is written contains the word; none contains nothing.
  func isIn(_ value: FieldValue) -> Bool {
    switch value {
    case .none: return false
    case .text(let text): return isIn(text)
    default:
      let shown = ShownValue(value)
      let span = shown.octets.span.extracting(0..<shown.count)
      return Self.find(lowered, in: span, ignoringCase: true)
    }
  }

  /// Whether values of a kind can contain the word at all, by the characters that they are made of.
  func canStand(in kind: FieldKind) -> Bool {
    switch kind {
    case .text, .texts: true
    case .number: consists(of: "0123456789")
    case .address: consists(of: "0123456789.")
    case .network: consists(of: "0123456789./")
    case .spi: consists(of: "0123456789abcdefx")
    // Nobody means the digits of a time by a number.
    case .moment, .deadline:
      consists(of: "0123456789-:tz") && !consists(of: "0123456789")
    }
  }

  private func consists(of alphabet: StaticString) -> Bool {
    let allowed = alphabet.description.utf8
    return lowered.allSatisfy(allowed.contains)
  }

  // ASCII letters are the same in either case; no octet of another character is one.
  private static func find(
    _ word: [UInt8], in other: Span<UInt8>, ignoringCase: Bool
  ) -> Bool {
    guard word.count <= other.count else { return false }
    var start = 0
    while start <= other.count - word.count {
      var length = 0
      while length < word.count,
        same(other[start + length], word[length], ignoringCase: ignoringCase)
      {
        length += 1
      }
      if length == word.count { return true }
      start += 1
    }
    return false
  }

  private static func same(_ left: UInt8, _ right: UInt8, ignoringCase: Bool) -> Bool {
    left == right || (ignoringCase && small(left) == small(right))
  }

  private static func small(_ octet: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(octet) ? octet | 0x20 : octet
  }
}

/// A value that is no text as rows write it, made without allocating.
struct ShownValue {
  private(set) var octets = InlineArray<32, UInt8>(repeating: 0)
  private(set) var count = 0

  init(_ value: FieldValue) {
    switch value {
    case .none, .text: break
    case .number(let number): add(number)
    case .address(let address): add(address: address)
    case .network(let network):
      add(address: network.address.rawValue)
      add("/")
      add(UInt64(network.prefixLength))
    case .spi(let spi):
      add("0")
      add("x")
      for shift in stride(from: UInt32(28), through: 0, by: -4) {
        let digit = UInt8(truncatingIfNeeded: spi >> shift & 15)
        append(digit < 10 ? 48 + digit : 87 + digit)
      }
    case .moment(let moment): add(moment: moment)
    }
  }

  private mutating func add(address: UInt32) {
    for shift in [UInt32(24), 16, 8, 0] {
      add(UInt64(address >> shift & 0xff))
      if shift > 0 { add(".") }
    }
  }

  private mutating func add(moment: UInt64) {
    let time = Timestamp.fields(moment)
    add(time.year, width: 4)
    add("-")
    add(time.month, width: 2)
    add("-")
    add(time.day, width: 2)
    add("T")
    add(time.hour, width: 2)
    add(":")
    add(time.minute, width: 2)
    add(":")
    add(time.second, width: 2)
    add("Z")
  }

  private mutating func add(_ number: UInt64, width: Int = 1) {
    var width = width
    var power: UInt64 = 1
    while width > 1 || number / power >= 10 {
      power *= 10
      width -= 1
    }
    while power > 0 {
      append(UInt8(truncatingIfNeeded: 48 + number / power % 10))
      power /= 10
    }
  }

  private mutating func add(_ sign: Unicode.Scalar) { append(UInt8(ascii: sign)) }

  // Nothing that a value can be is longer than the room there is.
  private mutating func append(_ octet: UInt8) {
    guard count < octets.count else { return }
    octets[count] = octet
    count += 1
  }
}
