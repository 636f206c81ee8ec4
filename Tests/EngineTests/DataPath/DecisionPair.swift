import Testing

@testable import Engine

/// The contents of `Vectors/pairs.json`, which `Vectors/pairs.py` writes with scapy.
struct DecisionPairs: Decodable {
  let pairs: [DecisionPair]

  static let all = VectorFolder.read("pairs.json", as: Self.self).pairs
}

/// A packet that passes a check, and its nearest twin that does not.
struct DecisionPair: Decodable, Sendable, CustomTestStringConvertible {
  /// The check's row in `docs/data-path.md`.
  let row: String
  let difference: String
  let direction: String
  let reason: String
  let passes: Conversation
  let drops: Conversation

  var testDescription: String { "\(row) \(direction), \(reason): \(difference)" }
}
