/// Reads JSON (RFC 8259) as it comes from clients: strictly, and at a cost that grows with the number
/// of octets only, so that the largest request holds nobody else up.
///
/// Of members with the same name the last one counts.
package struct JSONReader {
  /// What is not JSON, or nests deeper than anybody needs.
  package struct Unreadable: Error {}

  /// Arrays and objects within each other.
  private static let deepest = 32

  private let octets: [UInt8]
  private var place = 0

  private init(_ octets: [UInt8]) {
    self.octets = octets
  }

  /// The value that the octets are.
  package static func read(_ octets: [UInt8]) throws(Unreadable) -> JSONValue {
    var reader = JSONReader(octets)
    let value = try reader.value(depth: 0)
    reader.skipSpace()
    guard reader.place == octets.count else { throw Unreadable() }
    return value
  }

  private mutating func value(depth: Int) throws(Unreadable) -> JSONValue {
    skipSpace()
    switch octets.element(at: place) {
    case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
    case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func skipSpace() {
    while let octet = octets.element(at: place), octet.isSpace { place += 1 }
  }

  /// Whether the next octet is this one, which is passed over then.
  private mutating func take(_ octet: UInt8) -> Bool {
    guard octets.element(at: place) == octet else { return false }
    place += 1
    return true
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(Unreadable) -> JSONValue {
    guard octets[place...].starts(with: word.utf8) else { throw Unreadable() }
    place += word.utf8.count
    return value
  }
}

// MARK: Arrays and objects

extension JSONReader {
  private mutating func array(depth: Int) throws(Unreadable) -> [JSONValue] {
    guard depth <= Self.deepest else { throw Unreadable() }
    place += 1
    var elements: [JSONValue] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return elements }
    repeat {
      elements.append(try value(depth: depth))
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw Unreadable() }
    return elements
  }

  private mutating func object(depth: Int) throws(Unreadable) -> [String: JSONValue] {
    guard depth <= Self.deepest else { throw Unreadable() }
    place += 1
    var members: [String: JSONValue] = [:]
    skipSpace()
    if take(UInt8(ascii: "}")) { return members }
    repeat {
      skipSpace()
      let name = try string()
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw Unreadable() }
      members[name] = try value(depth: depth)
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw Unreadable() }
    return members
  }
}

// MARK: Numbers

extension JSONReader {
  private mutating func number() throws(Unreadable) -> JSONValue {
    let start = place
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    if take(UInt8(ascii: ".")) { try digits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    let text = String(decoding: octets[start..<place], as: UTF8.self)
    if let whole = Int64(text) { return .integer(whole) }
    guard let number = Double(text), number.isFinite else { throw Unreadable() }
    return Int64(exactly: number).map { .integer($0) } ?? .number(number)
  }

  private mutating func digits() throws(Unreadable) {
    let start = place
    while let octet = octets.element(at: place), octet.isDigit { place += 1 }
    if place == start { throw Unreadable() }
  }
}

// MARK: Texts

extension JSONReader {
  private mutating func string() throws(Unreadable) -> String {
    guard take(UInt8(ascii: "\"")) else { throw Unreadable() }
    var text: [UInt8] = []
    while let octet = octets.element(at: place) {
      place += 1
      switch octet {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else { throw Unreadable() }
        return string
      case UInt8(ascii: "\\"): try escape(&text)
      case 0..<0x20: throw Unreadable()
      default: text.append(octet)
      }
    }
    throw Unreadable()
  }

  private mutating func escape(_ text: inout [UInt8]) throws(Unreadable) {
    guard let octet = octets.element(at: place) else { throw Unreadable() }
    place += 1
    switch octet {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(octet)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0c)
    case UInt8(ascii: "n"): text.append(0x0a)
    case UInt8(ascii: "r"): text.append(0x0d)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): text += Character(try scalar()).utf8
    default: throw Unreadable()
    }
  }

  /// The character of `\u` and four digits, or of two such that belong together.
  private mutating func scalar() throws(Unreadable) -> Unicode.Scalar {
    let first = try unit()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw Unreadable() }
    let pair = [first, try unit()]
    var decoder = UTF16()
    var units = pair.makeIterator()
    guard case .scalarValue(let scalar) = decoder.decode(&units) else { throw Unreadable() }
    return scalar
  }

  private mutating func unit() throws(Unreadable) -> UInt16 {
    let digits = octets[place...].prefix(4)
    guard digits.count == 4, digits.allSatisfy(\.isHexadecimal),
      let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw Unreadable() }
    place += 4
    return unit
  }
}

extension ControlRequest {
  /// The request that a value is; nil for one that is none.
  init?(_ value: JSONValue) {
    guard case .object(let members) = value, let verb = members["verb"]?.string else { return nil }
    switch members["arguments"] {
    case nil, .null: self.init(id: members["id"], verb: verb)
    case .object(let arguments): self.init(id: members["id"], verb: verb, arguments: arguments)
    default: return nil
    }
  }
}

extension [UInt8] {
  fileprivate func element(at place: Int) -> UInt8? { place < count ? self[place] : nil }
}

extension UInt8 {
  fileprivate var isSpace: Bool { self == 0x20 || self == 0x0a || self == 0x0d || self == 0x09 }
  fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
  fileprivate var isHexadecimal: Bool {
    isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20)
  }
}
