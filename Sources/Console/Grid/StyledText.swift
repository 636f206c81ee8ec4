/// Text with one meaning.
struct TextRun: Equatable, Sendable {
  var text: String
  var role: Role

  init(_ text: String, _ role: Role = .text) {
    self.text = text
    self.role = role
  }
}

extension Grid {
  /// Writes runs one after the other, cut at `limit` columns; returns the column after them.
  @discardableResult
  mutating func put(
    _ runs: [TextRun], _ x: Int, _ y: Int, limit: Int = .max, ellipsis: Bool = false
  ) -> Int {
    let end = limit > width - x ? width : x + limit
    var column = x
    for run in runs where column < end {
      column = put(run.text, column, y, limit: end - column, role: run.role, ellipsis: ellipsis)
    }
    return column
  }

  /// The columns that runs take.
  func width(of runs: [TextRun]) -> Int {
    runs.reduce(0) { $0 + SafeText.width($1.text, ascii: ascii) }
  }
}

/// Text broken into lines.
enum Wrap {
  /// Lines of at most `width` characters, broken at blanks where there are any.
  ///
  /// Meant for our own sentences, in which every character is one column wide.
  static func lines(_ text: String, width: Int) -> [String] {
    guard width > 0 else { return [] }
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ", omittingEmptySubsequences: true) {
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? String(word) : " " + word
      while line.count > width {
        lines.append(String(line.prefix(width)))
        line = String(line.dropFirst(width))
      }
    }
    return line.isEmpty && !lines.isEmpty ? lines : lines + [line]
  }
}
