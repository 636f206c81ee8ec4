import Foundation
import Testing

@testable import Engine

/// The contents of `Vectors/fragments.json`, which `Vectors/fragments.py` writes with scapy.
struct FragmentConversations: Decodable {
  let conversations: [FragmentConversation]

  static let shared: FragmentConversations = {
    do {
      let file = Bundle.module.bundleURL.appending(path: "Vectors/fragments.json")
      return try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
    } catch {
      preconditionFailure("cannot read the vectors: \(error)")
    }
  }()
}

/// Several packets, one after the other, with what must become of each.
struct FragmentConversation: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let source: String
  let hairpin: Bool
  let responder: UInt16
  let steps: [Step]

  var testDescription: String { "\(source): \(name)" }

  struct Step: Decodable, Sendable {
    /// Seconds that pass before.
    let wait: Double
    let changes: [String]
    let packet: Hexadecimal?
    let exits: [Exit]
  }

  /// How one packet left.
  struct Exit: Decodable, Sendable, Equatable {
    let verdict: String
    let reason: String?
    let direction: String
    let host: UInt16
    let entry: UInt32?
    let outputs: [Hexadecimal]
  }
}
