internal import Engine

/// Who else looks at the router.
enum Presence {
  /// Names of operators that are written out.
  private static let mostNames = 3

  /// The other operators by name, and how many consoles may only look: `ana bob(+1 ro)`; empty if
  /// there is nobody.
  static func text(_ others: [IdentityReport.Other]) -> String {
    let operators = others.filter { $0.role == "operator" }.map(\.name)
    let names = Dictionary(operators.map { ($0, 1) }, uniquingKeysWith: +)
      .sorted { $0.key < $1.key }
      .map { $0.value > 1 ? "\($0.key)*\($0.value)" : $0.key }
    let more = names.count > mostNames ? " +\(names.count - mostNames)" : ""
    let viewers = others.count - operators.count
    return names.prefix(mostNames).joined(separator: " ") + more
      + (viewers > 0 ? "(+\(viewers) ro)" : "")
  }
}
