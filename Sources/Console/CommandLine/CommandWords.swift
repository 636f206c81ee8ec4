/// A command line cut into words, each with the place where it begins.
struct CommandWords: Equatable, Sendable {
  struct Word: Equatable, Sendable {
    var text: String
    /// The column of its first character, counted from 1.
    var column: Int
    /// The columns of the characters of the text, of which quotes are no part.
    var columns: [Int] = []

    /// The column of a character of the text, counted from 0; of one behind the text that behind it.
    func column(of place: Int) -> Int {
      columns.indices.contains(place) ? columns[place] : (columns.last ?? column - 1) + 1
    }

    /// What is left of the word behind so many characters.
    func dropFirst(_ count: Int) -> Word {
      var text = ""
      text.unicodeScalars.append(contentsOf: self.text.unicodeScalars.dropFirst(count))
      return Word(text: text, column: column(of: count), columns: Array(columns.dropFirst(count)))
    }
  }

  private(set) var words: [Word] = []
  /// The column after the last character.
  private(set) var end = 1
  /// The column of a quote that is never closed.
  private(set) var openQuote: Int?

  /// Cuts a text at its blanks; quotes of both kinds hold blanks together, as in a shell.
  init(_ text: String) {
    var quote: (mark: Unicode.Scalar, column: Int)?
    var current: Word?
    for scalar in text.unicodeScalars {
      if let open = quote, scalar == open.mark {
        quote = nil
      } else if quote == nil, scalar == "\"" || scalar == "'" {
        quote = (scalar, end)
        current = current ?? Word(text: "", column: end)
      } else if quote == nil, scalar == " " {
        if let current { words.append(current) }
        current = nil
      } else {
        current = current ?? Word(text: "", column: end)
        current?.text.unicodeScalars.append(scalar)
        current?.columns.append(end)
      }
      end += 1
    }
    if let current { words.append(current) }
    openQuote = quote?.column
  }

  /// What follows the first words of a text as it stands, for what takes the rest of the line.
  static func rest(of text: String, after column: Int) -> String {
    var rest = ""
    rest.unicodeScalars.append(contentsOf: text.unicodeScalars.dropFirst(column - 1))
    return String(rest.drop { $0 == " " })
  }
}

/// What is wrong with a command line, and where.
struct CommandProblem: Error, Equatable, Sendable {
  /// Counted from 1.
  var column: Int
  var message: String
}
