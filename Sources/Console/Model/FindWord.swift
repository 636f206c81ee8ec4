/// A text that is looked for in rows: whatever the case, unless it has capitals itself.
struct FindWord: Equatable, Sendable {
  let text: String
  private let isExact: Bool

  init(_ text: String) {
    self.text = text
    isExact = text != text.lowercased()
  }

  /// Where the text stands in another, first to last, none overlapping.
  func ranges(in other: String) -> [Range<String.Index>] {
    guard !text.isEmpty else { return [] }
    let wanted = Array(isExact ? text : text.lowercased())
    var ranges: [Range<String.Index>] = []
    var start = other.startIndex
    while let end = other.index(start, offsetBy: wanted.count, limitedBy: other.endIndex) {
      let isHere = zip(other[start..<end], wanted).allSatisfy { character, wanted in
        isExact ? character == wanted : character.lowercased() == String(wanted)
      }
      if isHere { ranges.append(start..<end) }
      guard start < other.endIndex else { break }
      start = isHere ? end : other.index(after: start)
    }
    return ranges
  }
}

extension Array<TextRun> {
  /// The same text with every occurrence of a word set apart.
  func highlighting(_ word: FindWord) -> [TextRun] {
    if word.text.isEmpty { return self }
    return flatMap { run in
      var parts: [TextRun] = []
      var start = run.text.startIndex
      for range in word.ranges(in: run.text) {
        parts.append(TextRun(String(run.text[start..<range.lowerBound]), run.role))
        parts.append(TextRun(String(run.text[range]), .match))
        start = range.upperBound
      }
      return parts + [TextRun(String(run.text[start...]), run.role)]
    }
  }
}
