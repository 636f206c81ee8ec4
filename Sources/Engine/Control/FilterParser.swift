/// Reads the text of a filter (docs/filters.md).
///
/// Recursive descent. Whatever the text is, depth, terms and length are bounded.
struct FilterParser {
  /// Parentheses within each other, and terms that a filter has at most.
  static let deepest = 32
  static let mostTerms = 256

  private var text: FilterScanner
  private let fields: Set<String>
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
    var parser = FilterParser(text: try FilterScanner(text), fields: fields)
    return try parser.whole()
  }

  private init(text: FilterScanner, fields: Set<String>) {
    self.text = text
    self.fields = fields
  }

  private mutating func whole() throws(ControlError) -> FilterTree {
    text.skipSpace()
    if text.isAtEnd { return .all([]) }
    let tree = try alternatives()
    if !text.isAtEnd { throw text.error("no '(' belongs to this ')'") }
    return tree
  }

  // alternatives = terms *( "or" terms )
  private mutating func alternatives() throws(ControlError) -> FilterTree {
    var parts = [try conjunction()]
    while text.takeKeyword("or") {
      try text.requireMore(after: "or")
      parts.append(try conjunction())
    }
    return parts.count == 1 ? parts[0] : .any(parts)
  }

  // terms = factor *( [ "and" ] factor )
  private mutating func conjunction() throws(ControlError) -> FilterTree {
    var parts = [try factor()]
    while true {
      text.skipSpace()
      if text.isAtEnd || text.peek == ")" || text.isAtKeyword("or") { break }
      if text.takeKeyword("and") { try text.requireMore(after: "and") }
      parts.append(try factor())
    }
    return parts.count == 1 ? parts[0] : .all(parts)
  }

  // factor = *( "!" / "not" ) ( "(" alternatives ")" / term )
  private mutating func factor() throws(ControlError) -> FilterTree {
    var isNegated = false
    while let sign = text.takeNegation() {
      isNegated.toggle()
      try text.requireMore(after: sign)
    }
    for word in ["and", "or"] where text.isAtKeyword(word) {
      throw text.error("there is nothing before '\(word)'; a word to look for stands in quotes")
    }
    let tree = text.peek == "(" ? try group() : try term()
    return isNegated ? .not(tree) : tree
  }

  private mutating func group() throws(ControlError) -> FilterTree {
    let start = text.position
    guard depth < Self.deepest else {
      throw text.error("there are more than \(Self.deepest) parentheses within each other")
    }
    depth += 1
    text.skip()
    try text.requireMore(after: "(")
    let tree = try alternatives()
    guard text.peek == ")" else { throw text.error("this '(' is never closed", at: start) }
    text.skip()
    depth -= 1
    return tree
  }
}

// MARK: Terms

extension FilterParser {
  /// Whether a scalar ends a word or value that is not in quotes.
  private static func isEnd(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isSpace || scalar == "(" || scalar == ")"
  }

  private mutating func term() throws(ControlError) -> FilterTree {
    terms += 1
    if terms > Self.mostTerms { throw text.error("a filter has at most \(Self.mostTerms) terms") }
    let start = text.position
    if text.peek == ")" { throw text.error("no term stands before this ')'") }
    let word = try text.piece(endsBefore: Self.isEnd, sign: true)
    if let (sign, isSpaced) = text.takeOperator() {
      if text.position == start + sign.rawValue.unicodeScalars.count, !word.isQuoted {
        throw text.error("there is no field before '\(sign.rawValue)'", at: start)
      }
      return .comparison(field: word, sign, try operand(sign, isSpaced: isSpaced))
    }
    if word.text.isEmpty { throw text.error("there is nothing to look for", at: start) }
    if word.isQuoted { return quotedComparison(word, from: start) ?? .word(word) }
    if word.text.lowercased() == "marked" { return .marked }
    return try shorthand(word) ?? .word(word)
  }

  // "field=value with spaces"
  private func quotedComparison(_ word: FilterPiece, from start: Int) -> FilterTree? {
    let scalars = word.text.unicodeScalars
    guard let equals = scalars.firstIndex(of: "="), equals > scalars.startIndex,
      text.isQuote(at: start)
    else { return nil }
    let isUnequal = scalars[..<equals].last == "!"
    let name = String(scalars[..<equals].dropLast(isUnequal ? 1 : 0))
    guard fields.contains(name.lowercased()) else { return nil }
    let place = start + 2 + scalars.distance(from: scalars.startIndex, to: equals)
    let value = FilterPiece(
      text: String(scalars[equals...].dropFirst()), column: text.column(at: place), isQuoted: true)
    return .comparison(
      field: FilterPiece(text: name, column: text.column(at: start + 1)),
      isUnequal ? .unequal : .equal, value.text.isEmpty ? .none : .one(value))
  }

  // A word that has nothing to stand before is a word like any other: it may still be being typed.
  private mutating func shorthand(_ word: FilterPiece) throws(ControlError) -> FilterTree? {
    guard let kind = FilterShorthand(rawValue: word.text.lowercased()) else { return nil }
    var ahead = text
    ahead.skipSpace()
    guard ahead.position > text.position, ahead.peek.map({ !Self.isEnd($0) }) ?? false,
      !ahead.isAtAnyKeyword
    else { return nil }
    text = ahead
    return .shorthand(kind, try text.piece(endsBefore: Self.isEnd))
  }

  private mutating func operand(
    _ sign: FilterOperator, isSpaced: Bool
  ) throws(ControlError) -> FilterOperand {
    // An empty value means null, so only a sign between spaces looks beyond the next one.
    let mayBeNone = !isSpaced && (sign == .equal || sign == .unequal)
    if !mayBeNone { text.skipSpace() }
    if text.peek == "{" { return .set(try set()) }
    let start = text.position
    let value = try text.piece(endsBefore: Self.isEnd)
    guard value.text.isEmpty, !value.isQuoted else { return .one(value) }
    if mayBeNone { return .none }
    throw text.error("there is no value after '\(sign.rawValue)'", at: start)
  }

  private mutating func set() throws(ControlError) -> [FilterPiece] {
    let start = text.position
    var elements: [FilterPiece] = []
    text.skip()
    while true {
      while let next = text.peek, next.isSpace || next == "," { text.skip() }
      if text.isAtEnd { throw text.error("this '{' is never closed", at: start) }
      if text.peek == "}" { break }
      elements.append(try text.piece(endsBefore: { $0.isSpace || $0 == "," || $0 == "}" }))
    }
    text.skip()
    if elements.isEmpty { throw text.error("there is nothing in this set", at: start) }
    return elements
  }
}
