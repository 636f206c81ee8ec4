internal import PAP
internal import TOMLKit

/// A TOML file as a tree in which every value knows its line.
package struct TOMLDocument: Equatable, Sendable {
  /// The file, as messages name it.
  package let file: String
  /// The table that is the whole document.
  package let root: TOMLNode

  /// Parses a text.
  ///
  /// - Throws: one problem, with the line and column at which the text stops being TOML.
  package init(text: String, file: String) throws(ConfigurationError) {
    self.file = file
    // The parser takes a C string, which a NUL would end early.
    if let line = Self.lineOfNUL(in: text) {
      throw ConfigurationError(
        ConfigurationProblem(file: file, line: line, message: "contains a NUL character; remove it")
      )
    }
    let lines = TOMLPositions(scanning: text)
    if let line = lines.namelessHeader {
      throw ConfigurationError(
        ConfigurationProblem(
          file: file, line: line, message: "a table header wants a name, such as [router]"))
    }
    do {
      let table = try TOMLTable(string: text)
      let builder = TreeBuilder(lines: lines)
      root = builder.table(table, at: [], line: 1)
    } catch {
      throw ConfigurationError(Self.problem(for: error, in: file))
    }
  }

  /// Parses octets, which must be UTF-8.
  package init(octets: [UInt8], file: String) throws(ConfigurationError) {
    guard let text = String(validating: octets, as: UTF8.self) else {
      throw ConfigurationError(
        ConfigurationProblem(file: file, message: "is not UTF-8 text; save it as UTF-8"))
    }
    try self.init(text: text, file: file)
  }

  private static func lineOfNUL(in text: String) -> Int? {
    guard let position = text.utf8.firstIndex(of: 0) else { return nil }
    return 1 + text.utf8[..<position].count { $0 == UInt8(ascii: "\n") }
  }

  private static func problem(for error: any Error, in file: String) -> ConfigurationProblem {
    guard let error = error as? TOMLParseError else {
      return ConfigurationProblem(file: file, message: "cannot be parsed: \(error)")
    }
    let begin = error.source.begin
    return ConfigurationProblem(
      file: file, line: begin.line,
      message: "\(error.description.terminalSafe) (column \(begin.column))")
  }
}

/// Turns the parser's tables, which know no positions, into nodes that do.
private struct TreeBuilder {
  let lines: TOMLPositions

  func table(_ table: TOMLTable, at path: [TOMLPositions.Step], line: Int) -> TOMLNode {
    let members = table.keys.compactMap { key -> TOMLNode.Member? in
      guard let value = table[key] else { return nil }
      return TOMLNode.Member(key: key, node: node(value, at: path + [.key(key)], parentLine: line))
    }
    let ordered = members.sorted { ($0.node.line, $0.key) < ($1.node.line, $1.key) }
    return TOMLNode(value: .table(ordered), line: line, path: TOMLPositions.name(of: path))
  }

  private func node(
    _ value: any TOMLValueConvertible, at path: [TOMLPositions.Step], parentLine: Int
  ) -> TOMLNode {
    let line = lines.line(of: path) ?? parentLine
    if let inner = value.table { return table(inner, at: path, line: line) }
    return TOMLNode(
      value: plain(value, at: path, line: line), line: line, path: TOMLPositions.name(of: path))
  }

  private func plain(
    _ value: any TOMLValueConvertible, at path: [TOMLPositions.Step], line: Int
  ) -> TOMLNode.Value {
    switch value.type {
    case .string: .string(value.string ?? "")
    case .int: .integer(Int64(value.int ?? 0))
    case .double: .float(value.double ?? 0)
    case .bool: .boolean(value.bool ?? false)
    case .array: .array(elements(of: value, at: path, line: line))
    case .date, .time, .dateTime, .table: .moment
    }
  }

  private func elements(
    of value: any TOMLValueConvertible, at path: [TOMLPositions.Step], line: Int
  ) -> [TOMLNode] {
    guard let array = value.array else { return [] }
    return (0..<array.count).map { index in
      node(array[index], at: path + [.index(index)], parentLine: line)
    }
  }
}
