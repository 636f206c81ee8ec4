/// Which key does what: the table of actions with the keys that the user has given them.
struct Keymap: Equatable, Sendable {
  private let bindings: [ActionID: [Key]]
  private let actions: [Key: ActionID]

  /// The keys of the table of actions.
  static let standard = Keymap(
    Dictionary(uniqueKeysWithValues: Action.all.map { ($0.id, $0.keys) }))

  /// The keys of each action; one that two actions have is that of the first in the table.
  init(_ bindings: [ActionID: [Key]]) {
    self.bindings = bindings
    let pairs = Action.all.flatMap { action in
      (bindings[action.id] ?? []).map { ($0, action.id) }
    }
    actions = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
  }

  /// The action that a key does, if any.
  func action(for key: Key) -> Action? { actions[key].flatMap(Action.named) }

  /// The keys that do an action, the one that hints show first.
  func keys(of id: ActionID) -> [Key] { bindings[id] ?? [] }

  /// The keys of an action as help and lists write them; empty where it has none.
  func labels(of id: ActionID) -> String { keys(of: id).map(\.label).joined(separator: " ") }

  /// A sentence with the names of actions that stand in braces replaced by their keys.
  func naming(_ sentence: String) -> String {
    var result = ""
    var rest = sentence[...]
    while let start = rest.firstIndex(of: "{"), let end = rest[start...].firstIndex(of: "}") {
      let name = String(rest[rest.index(after: start)..<end])
      result += rest[..<start]
      result += ActionID(rawValue: name).map(hint) ?? "{\(name)}"
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }

  /// The first key of an action as hints and sentences name it.
  func hint(of id: ActionID) -> String { keys(of: id).first?.label ?? ":\(id.rawValue)" }
}
