internal import PAP

/// Rows as comma-separated values (RFC 4180).
enum CommaSeparatedText {
  /// What ends a line (RFC 4180, section 2).
  private static let lineEnd = "\r\n"
  /// Signs at which a spreadsheet takes a text for a formula.
  private static let formulaSigns: Set<Character> = ["=", "+", "-", "@"]

  /// All rows, the names before them; nothing if there are no rows.
  ///
  /// The names are those of all rows, in the order in which they come up; what a row has not is empty.
  static func octets(of rows: [[ExportField]]) -> [UInt8] {
    if rows.isEmpty { return [] }
    var names: [String] = []
    var known: Set<String> = []
    for field in rows.joined() where known.insert(field.name).inserted { names.append(field.name) }
    var result = Array(line(names).utf8)
    for row in rows {
      let values = Dictionary(row.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
      result += line(names.map { cell(values[$0] ?? .none) }).utf8
    }
    return result
  }

  private static func line(_ cells: [String]) -> String {
    cells.joined(separator: ",") + lineEnd
  }

  private static func cell(_ value: ExportValue) -> String {
    switch value {
    case .none: ""
    case .plain(let text): quoted(text)
    case .text(let text): quoted(harmless(text.terminalSafe))
    }
  }

  // What an operator or a host wrote must not be run by the program that opens the file.
  private static func harmless(_ text: String) -> String {
    text.first.map(formulaSigns.contains) ?? false ? "'\(text)" : text
  }

  private static func quoted(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else {
      return text
    }
    let doubled = text.split(separator: "\"", omittingEmptySubsequences: false)
    return "\"\(doubled.joined(separator: "\"\""))\""
  }
}
