internal import Configuration

/// The user's keys: the table `[keys]` of console.toml, in which each action has the keys that do it.
///
/// ```toml
/// [keys]
/// freeze = "f"
/// quit = ["q", "F10"]
/// slower = []          # no key
/// ```
///
/// Whatever is wrong becomes a problem with its line, and the rest still counts.
struct KeymapFile {
  private(set) var keymap: Keymap
  private(set) var problems: [ConfigurationProblem] = []
  private let file: String
  /// What the file says, in its order.
  private var bound: [(id: ActionID, keys: [Key], node: TOMLNode)] = []

  /// Keys that terminals and multiplexers keep for themselves.
  static let reserved: Set<Key> = [
    .control("S"), .control("Q"), .control("\\"), .control("A"), .control("B"),
  ]

  /// Reads the text of the file.
  ///
  /// - Throws: what stops the text from being TOML at all.
  init(text: String, file: String) throws(ConfigurationError) {
    let root = try TOMLDocument(text: text, file: file).root
    self.file = file
    keymap = .standard
    for member in root.members ?? [] where member.key != "keys" {
      report(member.node, Self.unknown(member.key, among: ["keys"]))
    }
    readKeys(root["keys"])
    keymap = merged()
  }

  private mutating func report(_ node: TOMLNode, _ message: String) {
    problems.append(
      ConfigurationProblem(file: file, line: node.line, key: node.path, message: message))
  }

  private static func unknown(_ name: String, among known: [String]) -> String {
    let meant = Suggestion.nearest(to: name, among: known)
    return meant.map { "is unknown; did you mean '\($0)'?" } ?? "is unknown"
  }

  private mutating func readKeys(_ node: TOMLNode?) {
    guard let node else { return }
    guard let members = node.members else {
      return report(node, "got \(node.described), wants a table: [keys]")
    }
    for member in members {
      guard let id = ActionID(rawValue: member.key) else {
        let ids = ActionID.allCases.map(\.rawValue)
        report(member.node, Self.unknown(member.key, among: ids) + "; see dnat-console keys")
        continue
      }
      if let keys = keys(member.node) { bind(id, to: keys, member.node) }
    }
  }

  // Nil if the value is of another kind; keys that cannot be had are left out.
  private mutating func keys(_ node: TOMLNode) -> [Key]? {
    guard let texts = node.elements ?? (node.string == nil ? nil : [node]) else {
      report(node, "got \(node.described), wants a key such as \(Key.nameExamples), or an array")
      return nil
    }
    return texts.compactMap { text in
      guard let key = text.string.flatMap({ Key(name: $0) }) else {
        report(node, "got \(text.described), which is no key; keys are \(Key.nameExamples)")
        return nil
      }
      if Self.reserved.contains(key) {
        report(node, "\(key.label) never arrives: terminals and multiplexers keep it")
        return nil
      }
      return key
    }
  }

  private mutating func bind(_ id: ActionID, to keys: [Key], _ node: TOMLNode) {
    if keys.isEmpty, id == .quit || id == .back {
      return report(node, "\(id.rawValue) keeps its keys: there must be a way out")
    }
    if node.string != nil, keys.isEmpty { return }
    var free: [Key] = []
    for key in keys {
      if key == .escape, id != .back {
        report(node, "Esc goes back, and nothing else")
      } else if let other = bound.first(where: { $0.keys.contains(key) }) {
        report(node, "\(key.label) is the key of \(other.id.rawValue) (line \(other.node.line))")
      } else {
        free.append(key)
      }
    }
    if free.isEmpty, !keys.isEmpty { return }
    bound.append((id, free, node))
  }

  // An action that the file does not name keeps its keys, but for those that the file gives to others.
  private mutating func merged() -> Keymap {
    let own = Dictionary(bound.map { ($0.id, $0.keys) }, uniquingKeysWith: { first, _ in first })
    var bindings = own
    for action in Action.all where own[action.id] == nil {
      let lost = action.keys.compactMap { key in
        bound.first { $0.keys.contains(key) }.map { (key: key, by: $0) }
      }
      let kept = action.keys.filter { key in !lost.contains { $0.key == key } }
      bindings[action.id] = kept
      for (key, winner) in lost {
        let rest = kept.isEmpty ? "no key" : kept.map(\.label).joined(separator: " ")
        report(
          winner.node,
          "takes \(key.label) from \(action.id.rawValue), which has \(rest) now; name that here too"
        )
      }
    }
    return Keymap(bindings)
  }
}
