/// The text of a filter, from its beginning to its end: spaces, signs, keywords, and the pieces between
/// them.
///
/// By scalars: an accent after a sign makes one character of both, and the sign is one all the same.
struct FilterScanner {
  /// Characters that a filter has at most.
  static let mostCharacters = 4_096

  private let scalars: [Unicode.Scalar]
  /// The column of each scalar, and of the end; counted once, so that the cost of a text grows with
  /// its length only.
  private let columns: [Int]
  /// How many scalars have been taken.
  private(set) var position = 0

  /// - Throws: `bad-filter` if the text is too long.
  init(_ text: String) throws(ControlError) {
    scalars = Array(text.unicodeScalars.prefix(Self.mostCharacters + 1))
    columns = Self.columns(of: scalars)
    guard scalars.count <= Self.mostCharacters else {
      throw ControlError(
        .badFilter, "a filter has at most \(Self.mostCharacters) characters", column: 1)
    }
  }
}

extension FilterScanner {
  /// Whether all has been taken.
  var isAtEnd: Bool { position >= scalars.count }
  /// The next scalar; nil at the end.
  var peek: Unicode.Scalar? { isAtEnd ? nil : scalars[position] }

  /// Whether a quote stands there.
  func isQuote(at place: Int) -> Bool { place < scalars.count && scalars[place] == "\"" }

  /// Passes over the next scalar, of which there is one.
  mutating func skip() { position += 1 }

  /// Passes over spaces.
  mutating func skipSpace() {
    while let next = peek, next.isSpace { position += 1 }
  }

  /// Reads up to a sign that ends it; what stands in quotes is taken as it is.
  mutating func piece(
    endsBefore isEnd: (Unicode.Scalar) -> Bool, sign endsBeforeSign: Bool = false
  ) throws(ControlError) -> FilterPiece {
    var piece = FilterPiece(text: "", column: column(at: position))
    while let next = peek, !isEnd(next), !(endsBeforeSign && signHere != nil) {
      if next == "\"" {
        guard let end = scalars[(position + 1)...].firstIndex(of: "\"") else {
          throw error("the quote is never closed")
        }
        piece.text.unicodeScalars.append(contentsOf: scalars[(position + 1)..<end])
        piece.isQuoted = true
        position = end + 1
      } else {
        piece.text.unicodeScalars.append(next)
        position += 1
      }
    }
    return piece
  }

  private var signHere: FilterOperator? {
    FilterOperator.signs.first { scalars[position...].starts(with: $0.rawValue.unicodeScalars) }
  }

  /// Takes an operator, if one follows, and says whether space stood before it.
  mutating func takeOperator() -> (FilterOperator, isSpaced: Bool)? {
    let start = position
    skipSpace()
    if let sign = signHere {
      let isSpaced = position > start
      position += sign.rawValue.unicodeScalars.count
      return (sign, isSpaced)
    }
    if position > start, takeKeyword("in", before: { $0.isSpace || $0 == "{" }) {
      return (.isIn, true)
    }
    position = start
    return nil
  }

  /// Takes a `!` or `not`, if one follows.
  mutating func takeNegation() -> String? {
    skipSpace()
    if peek == "!", signHere != .unequal {
      position += 1
      return "!"
    }
    return takeKeyword("not") ? "not" : nil
  }

  /// Whether a keyword comes next, whatever its case.
  func isAtKeyword(
    _ word: String,
    before isEnd: (Unicode.Scalar) -> Bool = { $0.isSpace || $0 == "(" || $0 == ")" }
  ) -> Bool {
    let end = position + word.unicodeScalars.count
    guard end <= scalars.count, end == scalars.count || isEnd(scalars[end]) else { return false }
    return zip(scalars[position..<end], word.unicodeScalars).allSatisfy {
      $0.value | 0x20 == $1.value
    }
  }

  /// Whether any keyword comes next.
  var isAtAnyKeyword: Bool { ["and", "or", "not"].contains { isAtKeyword($0) } }

  /// Takes a keyword, if it comes next.
  mutating func takeKeyword(
    _ word: String,
    before isEnd: (Unicode.Scalar) -> Bool = { $0.isSpace || $0 == "(" || $0 == ")" }
  ) -> Bool {
    skipSpace()
    guard isAtKeyword(word, before: isEnd) else { return false }
    position += word.unicodeScalars.count
    return true
  }

  /// Sees to it that something follows a word or sign.
  mutating func requireMore(after word: String) throws(ControlError) {
    skipSpace()
    if isAtEnd || peek == ")" { throw error("there is nothing after '\(word)'") }
  }

  /// The column of a scalar, or of the end.
  func column(at place: Int) -> Int { columns[min(place, scalars.count)] }

  // One more than the characters before it, one that has only begun included.
  private static func columns(of scalars: [Unicode.Scalar]) -> [Int] {
    var columns: [Int] = []
    for (place, character) in String(String.UnicodeScalarView(scalars)).enumerated() {
      columns.append(place + 1)
      columns += Array(repeating: place + 2, count: character.unicodeScalars.count - 1)
    }
    return columns + [(columns.last ?? 0) + 1]
  }

  /// A mistake that begins at a scalar, or at the next one.
  func error(_ message: String, at place: Int? = nil) -> ControlError {
    ControlError(.badFilter, message, column: column(at: place ?? position))
  }
}

extension Unicode.Scalar {
  /// Whether it separates words.
  var isSpace: Bool { properties.isWhitespace }
}
