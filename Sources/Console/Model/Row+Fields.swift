internal import Engine
internal import FoundationEssentials

extension Row {
  /// What stands in the row, by the names that filters know: the keys of its JSON.
  ///
  /// Each is as a filter writes it, empty for null; of a list each element. What a filter cannot say
  /// is left out.
  var fields: [String: [String]] {
    switch self {
    case .association(let row): Self.fields(of: row)
    case .host(let row): Self.fields(of: row)
    case .peer(let row): Self.fields(of: row)
    case .drop(let row): Self.fields(of: row)
    case .reason(let row): Self.fields(of: row)
    case .dropSource(let row): Self.fields(of: row)
    case .dropHost(let row): Self.fields(of: row)
    case .ike(let row): Self.fields(of: row)
    case .ports(let row): Self.fields(of: row)
    case .audit(let row): Self.fields(of: row)
    }
  }

  private static func fields(of row: some Encodable) -> [String: [String]] {
    guard let json = try? JSONEncoder().encode(row),
      let values = try? JSONDecoder().decode([String: JSONValue].self, from: json)
    else { return [:] }
    return values.mapValues { value in
      if case .array(let elements) = value {
        elements.isEmpty ? [""] : elements.compactMap(text(of:))
      } else {
        text(of: value).map { [$0] } ?? []
      }
    }
  }

  private static func text(of value: JSONValue) -> String? {
    switch value {
    case .null: ""
    case .integer(let number): String(number)
    // As the router counts something a second: the least there is counts as 1.
    case .number(let number): String(UInt64(max(0, min(number, 1e18)).rounded(.up)))
    // Within quotes there is no way to write a quote.
    case .string(let text): text.contains("\"") ? nil : text
    // A block of ports goes by its first one.
    case .object(let members): members["first"].flatMap(text(of:))
    case .array, .boolean: nil
    }
  }
}
