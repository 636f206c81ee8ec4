/// The words after a verb, each given to what it is for.
struct CommandArguments: Equatable, Sendable {
  typealias Word = CommandWords.Word

  /// The words that stand by their place.
  private(set) var positional: [Word] = []
  /// The values of options by their names; a flag's is empty.
  private(set) var options: [String: Word] = [:]

  /// Whether nothing stands after the verb.
  var isEmpty: Bool { positional.isEmpty && options.isEmpty }

  /// Reads the words of a line after its verb.
  ///
  /// - Throws: what the verb does not take, or misses.
  init(_ line: CommandWords, of verb: CommandVerb) throws(CommandProblem) {
    if let quote = line.openQuote {
      throw CommandProblem(column: quote, message: "the quote is never closed")
    }
    var rest = line.words.dropFirst()
    while let word = rest.popFirst() {
      if word.text == "-h" || word.text.hasPrefix("--") {
        try take(word, &rest, of: verb, end: line.end)
      } else if positional.count < verb.arguments.count {
        positional.append(word)
      } else {
        throw CommandProblem(
          column: word.column, message: "'\(word.text)' is too much: \(verb.usage)")
      }
    }
  }

  /// Says what is missing.
  func requireAll(of verb: CommandVerb, at end: Int) throws(CommandProblem) {
    if let missing = verb.arguments.dropFirst(positional.count).first(where: \.isRequired) {
      throw CommandProblem(column: end, message: "\(missing.name) is missing: \(verb.usage)")
    }
    if let missing = verb.options.first(where: { $0.isRequired && options[$0.name] == nil }) {
      throw CommandProblem(column: end, message: "--\(missing.name) is missing: \(verb.usage)")
    }
  }

  // `--name value` or `--name=value`.
  private mutating func take(
    _ word: Word, _ rest: inout ArraySlice<Word>, of verb: CommandVerb, end: Int
  ) throws(CommandProblem) {
    let parts = word.text.dropFirst(word.text == "-h" ? 1 : 2).split(
      separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts.first ?? "")
    guard let option = verb.options.first(where: { $0.name == name }) else {
      throw CommandProblem(
        column: word.column,
        message: verb.reason(against: name) ?? "there is no option --\(name): \(verb.usage)")
    }
    if options[name] != nil {
      throw CommandProblem(column: word.column, message: "--\(name) is there twice")
    }
    if option.kind == .flag {
      options[name] = Word(text: "", column: word.column)
    } else if parts.count == 2 {
      options[name] = word.dropFirst(name.unicodeScalars.count + 3)
    } else if let value = rest.popFirst() {
      options[name] = value
    } else {
      throw CommandProblem(column: end, message: "--\(name) wants a value")
    }
  }
}
