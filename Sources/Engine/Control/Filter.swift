internal import Configuration
internal import PAP

/// Which rows of a table are wanted, in words.
///
/// Terms stand side by side and all must match:
/// - `field=value` and `field!=value`; the value is read as the field is: an address may be a prefix,
///   an SPI decimal or hexadecimal, a moment the beginning of its text, other text as it stands. An
///   empty value means null.
/// - a word alone matches where any field contains it, whatever the case.
/// - `!` before a term turns it round.
/// - a term with spaces stands in double quotes: `"reason=two words"`, or `reason="two words"`.
package struct Filter<Record>: Sendable {
  private let terms: [Term]

  private struct Term: Sendable {
    var isNegated: Bool
    var test: Test
  }

  private enum Test: Sendable {
    case anyContains(SearchWord, in: [Column<Record>])
    case field(Column<Record>, Comparison)
  }

  private enum Comparison: Sendable {
    case isNone
    case equals(FieldValue)
    case within(CIDR)
    case begins(String)
  }

  /// Reads a filter for rows with these columns.
  ///
  /// An empty text lets every row through.
  ///
  /// - Throws: `bad-filter` with the column where the mistake begins.
  package init(_ text: String, columns: [Column<Record>]) throws(ControlError) {
    var terms: [Term] = []
    for word in try FilterWord.split(text) {
      terms.append(try Self.term(word, columns))
    }
    self.terms = terms
  }

  /// Whether every row passes.
  package var isEmpty: Bool { terms.isEmpty }

  /// Whether a row passes.
  package func matches(_ record: Record) -> Bool {
    terms.allSatisfy { holds($0.test, for: record) != $0.isNegated }
  }

  private func holds(_ test: Test, for record: Record) -> Bool {
    switch test {
    case .anyContains(let word, let columns):
      columns.contains { $0.value(record).shown.map(word.isIn) ?? false }
    case .field(let column, let comparison):
      Self.holds(comparison, for: column.value(record))
    }
  }

  private static func holds(_ comparison: Comparison, for value: FieldValue) -> Bool {
    switch (comparison, value) {
    case (.isNone, .none): true
    case (.equals(let wanted), _): value == wanted
    case (.within(let prefix), .address(let address)):
      prefix.contains(IPv4Address(rawValue: address))
    case (.within(let prefix), .network(let network)): prefix.contains(network)
    case (.begins(let text), _): value.shown?.hasPrefix(text) ?? false
    default: false
    }
  }

  private static func term(
    _ word: FilterWord, _ columns: [Column<Record>]
  ) throws(ControlError) -> Term {
    var word = word
    let isNegated = word.takeNegation()
    // By scalars, as an accent after a sign makes one character of both.
    let scalars = word.text.unicodeScalars
    guard let equals = scalars.firstIndex(of: "=") else {
      if word.text.isEmpty { throw word.error("there is nothing after '!'") }
      let wanted = SearchWord(word.text)
      let possible = columns.filter { wanted.canStand(in: $0.kind) }
      return Term(isNegated: isNegated, test: .anyContains(wanted, in: possible))
    }
    let isUnequal = word.text[..<equals].hasSuffix("!")
    let name = word.text[..<equals].dropLast(isUnequal ? 1 : 0)
    let value = String(scalars[scalars.index(after: equals)...])
    let column = try column(named: String(name), word, columns)
    let place = word.column + word.text.distance(from: word.text.startIndex, to: equals) + 1
    return Term(
      isNegated: isNegated != isUnequal,
      test: .field(column, try comparison(value, column, at: place)))
  }

  private static func column(
    named name: String, _ word: FilterWord, _ columns: [Column<Record>]
  ) throws(ControlError) -> Column<Record> {
    if let column = columns.first(where: { $0.name.lowercased() == name.lowercased() }) {
      return column
    }
    if name.isEmpty { throw word.error("there is no field before '='") }
    let names = columns.map(\.name)
    let hint = Suggestion.nearest(to: name, among: names).map { "did you mean '\($0)'?" }
    throw word.error(
      "there is no field '\(name)'; \(hint ?? "fields: \(names.joined(separator: ", "))")")
  }

  private static func comparison(
    _ text: String, _ column: Column<Record>, at place: Int
  ) throws(ControlError) -> Comparison {
    if text.isEmpty { return .isNone }
    switch column.kind {
    case .text: return .equals(.text(text))
    case .moment: return .begins(text)
    case .number:
      if let number = UInt64(text) { return .equals(.number(number)) }
    case .spi:
      if let spi = SPI(text) { return .equals(.spi(spi.rawValue)) }
    case .address, .network:
      if let prefix = CIDR(text) { return .within(prefix) }
    }
    throw ControlError(
      .badFilter, "'\(text)' is not \(column.kind.wanted), which '\(column.name)' is compared with",
      column: place)
  }
}

extension Column.Kind {
  /// What a filter compares the field with, with its article.
  fileprivate var wanted: String {
    switch self {
    case .text, .moment: "a text"
    case .number: "a number"
    case .spi: "an SPI"
    case .address, .network: "an address or prefix"
    }
  }
}

/// A term of a filter as it was written, without quotes, and where it begins, counted from 1.
private struct FilterWord {
  var text: String
  var column: Int

  static func split(_ text: String) throws(ControlError) -> [FilterWord] {
    var words: [FilterWord] = []
    var current: FilterWord?
    var quote: Int?
    for (offset, character) in text.enumerated() {
      if character == "\"" {
        quote = quote == nil ? offset + 1 : nil
        current = current ?? FilterWord(text: "", column: offset + 1)
      } else if character.isWhitespace, quote == nil {
        if let word = current { words.append(word) }
        current = nil
      } else {
        current = current ?? FilterWord(text: "", column: offset + 1)
        current?.text.append(character)
      }
    }
    if let quote {
      throw ControlError(.badFilter, "the quote is never closed", column: quote)
    }
    return words + (current.map { [$0] } ?? [])
  }

  mutating func takeNegation() -> Bool {
    guard text.unicodeScalars.first == "!" else { return false }
    text.unicodeScalars.removeFirst()
    column += 1
    return true
  }

  func error(_ message: String) -> ControlError {
    ControlError(.badFilter, message, column: column)
  }
}
