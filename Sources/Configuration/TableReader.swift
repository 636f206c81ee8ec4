/// Reads one table key by key, remembers which keys were asked for, and collects what is wrong
/// instead of stopping at it.
///
/// Ask for every key that the table may have, then call `refuseOtherKeys()`. All readers of one
/// document share their list of problems.
package final class TableReader {
  /// The problems of one document, shared by the readers of all its tables.
  package final class Problems {
    package fileprivate(set) var all: [ConfigurationProblem] = []

    package init() {}

    /// Adds a problem.
    package func add(_ problem: ConfigurationProblem) { all.append(problem) }

    /// Throws what was found, in the order of the file, if anything was.
    package func throwIfAny() throws(ConfigurationError) {
      if all.isEmpty { return }
      throw ConfigurationError(all.sorted { ($0.line ?? 0) < ($1.line ?? 0) })
    }
  }

  /// The file, as messages name it.
  package let file: String
  /// Whether the file has the table at all.
  package let isPresent: Bool
  /// The problems of the whole document so far.
  package let problems: Problems
  private let node: TOMLNode
  private var known: [String] = []

  /// A reader of the document's outermost table.
  package init(_ document: TOMLDocument) {
    file = document.file
    node = document.root
    isPresent = true
    problems = Problems()
  }

  private init(file: String, node: TOMLNode, isPresent: Bool, problems: Problems) {
    self.file = file
    self.node = node
    self.isPresent = isPresent
    self.problems = problems
  }

  /// The keys of the table in the order of the file.
  package var keys: [String] { node.members?.map(\.key) ?? [] }

  /// The line of the key, or of the table if it has no such key.
  package func line(of key: String) -> Int { node[key]?.line ?? node.line }

  /// The key with the tables around it, as messages name it.
  package func path(of key: String) -> String {
    node.path.isEmpty ? key : "\(node.path).\(key)"
  }

  /// Records that something is wrong with a key.
  package func report(_ key: String, _ message: String) {
    problems.add(
      ConfigurationProblem(file: file, line: line(of: key), key: path(of: key), message: message))
  }

  /// The value of a key, whatever it is.
  package func node(_ key: String) -> TOMLNode? {
    if !known.contains(key) { known.append(key) }
    return node[key]
  }

  /// The value of a key that may be missing; nil also if it is not of that kind, which is recorded.
  package func optional<Value>(_ key: String, _ kind: ValueKind<Value>) -> Value? {
    guard let node = node(key) else { return nil }
    var found: [ValueProblem] = []
    let value = kind.read(node, problems: &found)
    for problem in found {
      problems.add(
        ConfigurationProblem(
          file: file, line: problem.line, key: path(of: key), message: problem.message))
    }
    return value
  }

  /// The value of a key that must be there; nil if and only if a problem was recorded.
  package func required<Value>(_ key: String, _ kind: ValueKind<Value>) -> Value? {
    if node(key) == nil {
      report(key, "is missing, wants \(kind.expectation)")
    }
    return optional(key, kind)
  }

  /// The value of a key, or what holds if the key is missing.
  package func value<Value>(_ key: String, _ kind: ValueKind<Value>, default: Value) -> Value {
    optional(key, kind) ?? `default`
  }

  /// The table under a key.
  ///
  /// A missing one reads as empty, at the line of the table around it.
  package func table(_ key: String) -> TableReader {
    let found = node(key)
    if let found, found.members != nil { return reader(of: found, isPresent: true) }
    if let found { report(key, "got \(found.described), wants a table: [\(path(of: key))]") }
    let empty = TOMLNode(value: .table([]), line: found?.line ?? node.line, path: path(of: key))
    return reader(of: empty, isPresent: false)
  }

  /// The tables of the array `[[key]]`; none if the key is missing.
  package func tables(_ key: String) -> [TableReader] {
    guard let found = node(key) else { return [] }
    guard let elements = found.elements, elements.allSatisfy({ $0.members != nil }) else {
      report(key, "got \(found.described), wants tables, each begun by [[\(path(of: key))]]")
      return []
    }
    return elements.map { reader(of: $0, isPresent: true) }
  }

  /// Records every key that nobody asked for, with the name that was probably meant.
  package func refuseOtherKeys() {
    for key in keys where !known.contains(key) {
      let meant = Suggestion.nearest(to: key, among: known)
      report(key, meant.map { "is unknown; did you mean '\($0)'?" } ?? "is unknown; \(choices)")
    }
  }

  private var choices: String {
    known.isEmpty ? "remove it" : "known here: \(known.joined(separator: ", "))"
  }

  private func reader(of node: TOMLNode, isPresent: Bool) -> TableReader {
    TableReader(file: file, node: node, isPresent: isPresent, problems: problems)
  }
}
