/// Reads the text of a filter (docs/filters.md).
///
/// Recursive descent, by scalars: an accent after a sign makes one character of both, and the sign is
/// one all the same. Whatever the text is, depth, terms and length are bounded.
struct FilterParser {
  /// Characters, parentheses within each other, and terms that a filter has at most.
  static let mostCharacters = 4_096
  static let deepest = 32
  static let mostTerms = 256

  private let scalars: [Unicode.Scalar]
  /// The column of each scalar, and of the end; counted once, so that the cost of a text grows with
  /// its length only.
  private let columns: [Int]
  private let fields: Set<String>
  private var position = 0
  private var depth = 0
  private var terms = 0

  /// What a text says.
  ///
  /// - Parameters:
  ///   - text: The filter; an empty one lets every row through.
  ///   - fields: The names of the fields in lower case, by which a comparison in quotes is known.
  /// - Returns: the terms and how they are put together.
  /// - Throws: `bad-filter` with the column where the mistake begins.
  static func parse(_ text: String, fields: Set<String>) throws(ControlError) -> FilterTree {
    var parser = FilterParser(text, fields)
    return try parser.whole()
  }

  private init(_ text: String, _ fields: Set<String>) {
    scalars = Array(text.unicodeScalars.prefix(Self.mostCharacters + 1))
    columns = Self.columns(of: scalars)
    self.fields = fields
  }

  private mutating func whole() throws(ControlError) -> FilterTree {
    guard scalars.count <= Self.mostCharacters else {
      throw ControlError(
        .badFilter, "a filter has at most \(Self.mostCharacters) characters", column: 1)
    }
    skipSpace()
    if isAtEnd { return .all([]) }
    let tree = try alternatives()
    if !isAtEnd { throw error("no '(' belongs to this ')'") }
    return tree
  }

  // alternatives = terms *( "or" terms )
  private mutating func alternatives() throws(ControlError) -> FilterTree {
    var parts = [try conjunction()]
    while takeKeyword("or") {
      try requireMore(after: "or")
      parts.append(try conjunction())
    }
    return parts.count == 1 ? parts[0] : .any(parts)
  }

  // terms = factor *( [ "and" ] factor )
  private mutating func conjunction() throws(ControlError) -> FilterTree {
    var parts = [try factor()]
    while true {
      skipSpace()
      if isAtEnd || peek == ")" || isAtKeyword("or") { break }
      if takeKeyword("and") { try requireMore(after: "and") }
      parts.append(try factor())
    }
    return parts.count == 1 ? parts[0] : .all(parts)
  }

  // factor = *( "!" / "not" ) ( "(" alternatives ")" / term )
  private mutating func factor() throws(ControlError) -> FilterTree {
    var isNegated = false
    while let sign = takeNegation() {
      isNegated.toggle()
      try requireMore(after: sign)
    }
    for word in ["and", "or"] where isAtKeyword(word) {
      throw error("there is nothing before '\(word)'; a word to look for stands in quotes")
    }
    let tree = peek == "(" ? try group() : try term()
    return isNegated ? .not(tree) : tree
  }

  private mutating func group() throws(ControlError) -> FilterTree {
    let start = position
    guard depth < Self.deepest else {
      throw error("there are more than \(Self.deepest) parentheses within each other")
    }
    depth += 1
    position += 1
    try requireMore(after: "(")
    let tree = try alternatives()
    guard peek == ")" else { throw error("this '(' is never closed", at: start) }
    position += 1
    depth -= 1
    return tree
  }
}

// MARK: Terms

extension FilterParser {
  private mutating func term() throws(ControlError) -> FilterTree {
    terms += 1
    if terms > Self.mostTerms { throw error("a filter has at most \(Self.mostTerms) terms") }
    let start = position
    if peek == ")" { throw error("no term stands before this ')'") }
    let word = try piece(endsBefore: { $0.isSpace || "()".unicodeScalars.contains($0) }, sign: true)
    if let (sign, isSpaced) = takeOperator() {
      if position == start + sign.rawValue.unicodeScalars.count, !word.isQuoted {
        throw error("there is no field before '\(sign.rawValue)'", at: start)
      }
      return .comparison(field: word, sign, try operand(sign, isSpaced: isSpaced))
    }
    if word.text.isEmpty { throw error("there is nothing to look for", at: start) }
    if word.isQuoted { return quotedComparison(word, from: start) ?? .word(word) }
    if word.text.lowercased() == "marked" { return .marked }
    return try shorthand(word) ?? .word(word)
  }

  // "field=value with spaces"
  private func quotedComparison(_ word: FilterPiece, from start: Int) -> FilterTree? {
    let text = Array(word.text.unicodeScalars)
    guard let equals = text.firstIndex(of: "="), equals > 0, scalars[start] == "\"" else {
      return nil
    }
    let isUnequal = text[equals - 1] == "!"
    let name = String(text[..<(isUnequal ? equals - 1 : equals)])
    guard fields.contains(name.lowercased()) else { return nil }
    let value = FilterPiece(
      text: String(text[(equals + 1)...]), column: column(at: start + equals + 2), isQuoted: true)
    return .comparison(
      field: FilterPiece(text: name, column: column(at: start + 1)),
      isUnequal ? .unequal : .equal, value.text.isEmpty ? .none : .one(value))
  }

  // A word that has nothing to stand before is a word like any other: it may still be being typed.
  private mutating func shorthand(_ word: FilterPiece) throws(ControlError) -> FilterTree? {
    let before = position
    skipSpace()
    guard let kind = FilterShorthand(rawValue: word.text.lowercased()), position > before,
      !isAtEnd, peek != ")", peek != "(", !isAtAnyKeyword
    else {
      position = before
      return nil
    }
    return .shorthand(kind, try piece(endsBefore: { $0.isSpace || $0 == ")" || $0 == "(" }))
  }

  private mutating func operand(
    _ sign: FilterOperator, isSpaced: Bool
  ) throws(ControlError) -> FilterOperand {
    // An empty value means null, so only a sign between spaces looks beyond the next one.
    let mayBeNone = !isSpaced && (sign == .equal || sign == .unequal)
    if !mayBeNone { skipSpace() }
    if peek == "{" { return .set(try set()) }
    let start = position
    let value = try piece(endsBefore: { $0.isSpace || $0 == ")" || $0 == "(" })
    guard value.text.isEmpty, !value.isQuoted else { return .one(value) }
    if mayBeNone { return .none }
    throw error("there is no value after '\(sign.rawValue)'", at: start)
  }

  private mutating func set() throws(ControlError) -> [FilterPiece] {
    let start = position
    var elements: [FilterPiece] = []
    position += 1
    while true {
      while let next = peek, next.isSpace || next == "," { position += 1 }
      if isAtEnd { throw error("this '{' is never closed", at: start) }
      if peek == "}" { break }
      elements.append(try piece(endsBefore: { $0.isSpace || $0 == "," || $0 == "}" }))
    }
    position += 1
    if elements.isEmpty { throw error("there is nothing in this set", at: start) }
    return elements
  }
}

// MARK: Scalars

extension FilterParser {
  private var isAtEnd: Bool { position >= scalars.count }
  private var peek: Unicode.Scalar? { isAtEnd ? nil : scalars[position] }

  private mutating func skipSpace() {
    while let next = peek, next.isSpace { position += 1 }
  }

  /// Reads up to a sign that ends it; what stands in quotes is taken as it is.
  private mutating func piece(
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
  private mutating func takeOperator() -> (FilterOperator, isSpaced: Bool)? {
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

  private mutating func takeNegation() -> String? {
    skipSpace()
    if peek == "!", signHere != .unequal {
      position += 1
      return "!"
    }
    return takeKeyword("not") ? "not" : nil
  }

  private func isAtKeyword(
    _ word: String,
    before isEnd: (Unicode.Scalar) -> Bool = { $0.isSpace || $0 == "(" || $0 == ")" }
  ) -> Bool {
    let end = position + word.unicodeScalars.count
    guard end <= scalars.count, end == scalars.count || isEnd(scalars[end]) else { return false }
    return zip(scalars[position..<end], word.unicodeScalars).allSatisfy {
      $0.value | 0x20 == $1.value
    }
  }

  private var isAtAnyKeyword: Bool { ["and", "or", "not"].contains { isAtKeyword($0) } }

  private mutating func takeKeyword(
    _ word: String,
    before isEnd: (Unicode.Scalar) -> Bool = { $0.isSpace || $0 == "(" || $0 == ")" }
  ) -> Bool {
    skipSpace()
    guard isAtKeyword(word, before: isEnd) else { return false }
    position += word.unicodeScalars.count
    return true
  }

  private mutating func requireMore(after word: String) throws(ControlError) {
    skipSpace()
    if isAtEnd || peek == ")" { throw error("there is nothing after '\(word)'") }
  }

  private func column(at place: Int) -> Int { columns[min(place, scalars.count)] }

  // One more than the characters before it, one that has only begun included.
  private static func columns(of scalars: [Unicode.Scalar]) -> [Int] {
    var columns: [Int] = []
    for (place, character) in String(scalars[...]).enumerated() {
      columns.append(place + 1)
      columns += Array(repeating: place + 2, count: character.unicodeScalars.count - 1)
    }
    return columns + [(columns.last ?? 0) + 1]
  }

  private func error(_ message: String, at place: Int? = nil) -> ControlError {
    ControlError(.badFilter, message, column: column(at: place ?? position))
  }
}

extension String {
  fileprivate init(_ scalars: ArraySlice<Unicode.Scalar>) {
    var view = UnicodeScalarView()
    view.append(contentsOf: scalars)
    self.init(view)
  }
}

extension Unicode.Scalar {
  fileprivate var isSpace: Bool { properties.isWhitespace }
}
