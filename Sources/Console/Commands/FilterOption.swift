internal import ArgumentParser
internal import Engine
internal import PAP

/// The option `--filter` of verbs that list rows.
struct FilterOption: ParsableArguments {
  @Option(help: "Only rows that pass this filter") var filter: String?

  /// The argument of the request.
  var argument: [String: JSONValue] { filter.map { ["filter": .string($0)] } ?? [:] }

  /// The arguments of a request whose answer is printed with these fields only: words are looked for
  /// in no others.
  func arguments(showing fields: [String]) -> [String: JSONValue] {
    filter == nil
      ? [:] : argument.merging(["columns": .array(fields.map { .string($0) })]) { $1 }
  }

  /// Does what asks the engine; if that cannot read the filter, the mistake is pointed at.
  func explaining<Result>(_ ask: () throws -> Result) throws -> Result {
    do {
      return try ask()
    } catch ControlClientError.refused(let error) where error.column != nil {
      throw Failure(.usage, Self.explanation(of: error, in: filter ?? ""))
    }
  }

  /// The message, the filter, and a caret below the place of the mistake.
  static func explanation(of error: ControlError, in filter: String) -> String {
    // Made safe piece by piece, so that the caret stands right below an escape too.
    let place = max(0, (error.column ?? 1) - 1)
    let before = filter.prefix(place).terminalSafe
    let shown = before + filter.dropFirst(place).terminalSafe
    return "\(error.message)\n  \(shown)\n  \(String(repeating: " ", count: before.count))^"
  }
}
