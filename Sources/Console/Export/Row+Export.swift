internal import Engine
internal import FoundationEssentials

extension Row {
  /// The row as the engine wrote it: a JSON object.
  func json(_ encoder: JSONEncoder) throws -> Data {
    switch self {
    case .association(let row): try encoder.encode(row)
    case .host(let row): try encoder.encode(row)
    case .peer(let row): try encoder.encode(row)
    case .drop(let row): try encoder.encode(row)
    case .reason(let row): try encoder.encode(row)
    case .dropSource(let row): try encoder.encode(row)
    case .dropHost(let row): try encoder.encode(row)
    case .ike(let row): try encoder.encode(row)
    case .ports(let row): try encoder.encode(row)
    case .audit(let row): try encoder.encode(row)
    }
  }

  /// All that the row says, under the keys of its JSON: what tells it from others first, then the
  /// others in alphabetical order.
  func exportFields(_ encoder: JSONEncoder) throws -> [ExportField] {
    let value = try JSONReader.read(Array(try json(encoder)))
    return ExportField.all(of: value).sorted { left, right in
      (Self.place(of: left.name), left.name) < (Self.place(of: right.name), right.name)
    }
  }

  private static let leading = [
    "sequence", "time", "kind", "name", "host", "address", "target", "peer", "direction", "reason",
    "source", "destination", "protocol", "spi", "spiIn", "spiOut", "sourcePort", "destinationPort",
    "first", "state", "slot",
  ]

  private static func place(of name: String) -> Int {
    leading.firstIndex(of: name) ?? leading.count
  }
}
