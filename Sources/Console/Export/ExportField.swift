internal import Engine

/// One value of a row that is exported.
enum ExportValue: Equatable, Sendable {
  /// There is none: an empty field.
  case none
  /// A number or a truth value: it is written as it is.
  case plain(String)
  /// A text, which somebody outside may have chosen.
  case text(String)
}

/// A value with its name, which is the key of the JSON row; that of a key within another key has a
/// dot between both: `ports.first`.
struct ExportField: Equatable, Sendable {
  let name: String
  let value: ExportValue

  init(_ name: String, _ value: ExportValue) {
    self.name = name
    self.value = value
  }

  /// The fields of a JSON object, in no particular order.
  static func all(of object: JSONValue) -> [ExportField] {
    guard case .object(let members) = object else { return [] }
    return members.flatMap { name, value in
      if case .object = value {
        return all(of: value).map { ExportField("\(name).\($0.name)", $0.value) }
      }
      return [ExportField(name, ExportValue(value))]
    }
  }
}

extension ExportValue {
  init(_ value: JSONValue) {
    self =
      switch value {
      case .null, .object: .none
      case .boolean(let flag): .plain("\(flag)")
      case .integer(let number): .plain("\(number)")
      case .number(let number): .plain("\(number)")
      case .string(let text): .text(text)
      case .array(let elements): .text(elements.compactMap(\.string).joined(separator: " "))
      }
  }
}
