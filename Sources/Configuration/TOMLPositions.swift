/// The lines on which the keys and array elements of a TOML text stand.
///
/// A scan beside the parser's, so it need not judge, only follow: on a text that is not TOML it ends,
/// and what it says of the lines behind the first fault means nothing.
struct TOMLPositions {
  /// One step from a table to a member, or from an array to an element.
  enum Step: Hashable {
    case key(String)
    case index(Int)
  }

  /// The first line with a table header that does not begin with a name; nil if there is none.
  ///
  /// The parser ends the program over such a line where others are errors to it.
  private(set) var namelessHeader: Int?

  private var lines: [[Step]: Int] = [:]
  // How many tables each array of tables has so far.
  private var tableCounts: [[Step]: Int] = [:]
  private var scanner: TOMLScanner

  init(scanning text: String) {
    scanner = TOMLScanner(text)
    scanDocument()
  }

  /// The line of what the path leads to, counted from 1; nil if the text has no such path.
  func line(of path: [Step]) -> Int? { lines[path] }

  /// The path as messages show it: keys joined by dots, elements left out.
  static func name(of path: [Step]) -> String {
    let keys = path.compactMap { step -> String? in
      if case .key(let key) = step { key } else { nil }
    }
    return keys.joined(separator: ".")
  }

  private mutating func scanDocument() {
    var table: [Step] = []
    while scanner.skipBlankLines() {
      if scanner.take("[") {
        table = scanHeader(isArray: scanner.take("["))
      } else {
        scanPair(in: table)
      }
    }
  }

  private mutating func scanHeader(isArray: Bool) -> [Step] {
    let line = scanner.line
    scanner.skipSpaces()
    if namelessHeader == nil, !scanner.isAtKey, !scanner.isAt("]") { namelessHeader = line }
    let keys = scanner.dottedKey()
    scanner.skipLine()
    var path: [Step] = []
    for (position, key) in keys.enumerated() {
      path.append(.key(key))
      note(path, line)
      if isArray, position == keys.count - 1 {
        path.append(.index(tableCounts[path, default: 0]))
        tableCounts[Array(path.dropLast()), default: 0] += 1
        note(path, line)
      } else if let count = tableCounts[path] {
        path.append(.index(count - 1))
      }
    }
    return path
  }

  private mutating func scanPair(in table: [Step]) {
    let line = scanner.line
    var path = table
    for key in scanner.dottedKey() {
      path.append(.key(key))
      note(path, line)
    }
    scanner.skipTo("=")
    scanValue(at: path)
  }

  private mutating func scanValue(at path: [Step]) {
    scanner.skipSpaces()
    if scanner.take("[") {
      scanArray(at: path)
    } else if scanner.take("{") {
      scanInlineTable(at: path)
    } else {
      scanner.skipScalar()
    }
  }

  private mutating func scanArray(at path: [Step]) {
    var index = 0
    while scanner.skipBlankLines(), !scanner.take("]") {
      if scanner.take(",") { continue }
      let element = path + [.index(index)]
      note(element, scanner.line)
      scanValue(at: element)
      index += 1
    }
  }

  private mutating func scanInlineTable(at path: [Step]) {
    while scanner.skipBlankLines(), !scanner.take("}") {
      if scanner.take(",") { continue }
      scanPair(in: path)
    }
  }

  private mutating func note(_ path: [Step], _ line: Int) {
    if lines[path] == nil { lines[path] = line }
  }
}
