internal import Engine
internal import FoundationEssentials

extension Row {
  /// What stands in the row, by the names that filters know: the keys of its JSON.
  ///
  /// Each is as a filter writes it, empty for null. What a filter cannot say is left out.
  var fields: [String: String] {
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

  private static func fields(of row: some Encodable) -> [String: String] {
    guard let json = try? JSONEncoder().encode(row),
      let values = try? JSONDecoder().decode([String: JSONValue].self, from: json)
    else { return [:] }
    return values.compactMapValues { value in
      switch value {
      case .null: ""
      case .integer(let number): String(number)
      // Within quotes there is no way to write a quote.
      case .string(let text): text.contains("\"") ? nil : text
      default: nil
      }
    }
  }
}
