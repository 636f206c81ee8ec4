import Foundation
import Testing

@testable import Engine

/// A file of conversations that a program in `Vectors` writes with scapy.
struct Conversations: Decodable {
  let conversations: [Conversation]

  static let fragments = VectorFolder.read("fragments.json", as: Self.self).conversations
  static let ipsec = VectorFolder.read("ipsec.json", as: Self.self).conversations
}

/// Several packets, one after the other, with what must become of each.
struct Conversation: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let source: String
  let hairpin: Bool
  let responder: UInt16
  let steps: [Step]

  var testDescription: String { "\(source): \(name)" }

  struct Step: Decodable, Sendable, Equatable {
    /// Seconds that pass before.
    let wait: Double
    let changes: [String]
    let packet: Hexadecimal?
    /// How often the packet comes; nil is once.
    let times: Int?
    /// Nil for a step that only leads up to a later one.
    let exits: [Exit]?
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

extension Conversation {
  /// Holds the conversation with a packet processor of its own, and checks each exit to the octet.
  func hold() throws {
    let bench = try DecisionBench(.shared, responder: responder, hairpin: hairpin)
    let accounts = ExitAccounts()
    var exits: [Exit] = []
    var packets = 0
    for (number, step) in steps.enumerated() {
      bench.now += UInt64(step.wait * 1000) * 1_000_000
      for line in step.changes { bench.table.apply(try ChangeLine.read(line)) }
      bench.table.synchronize()
      for _ in 0..<(step.times ?? 1) {
        let found = bench.exits(of: step.packet?.bytes, accounts)
        if let wanted = step.exits { #expect(found == wanted, "step \(number)") }
        #expect(accounts.totals.isBalanced)
        exits += found
        packets += step.packet == nil ? 0 : 1
      }
    }
    let holds = exits.filter { $0.verdict == "hold" }.count
    #expect(accounts.totals.received == UInt64(packets))
    #expect(accounts.totals.held == UInt64(holds - (exits.count - packets)))
  }
}

/// Where the vectors are.
enum VectorFolder {
  static func read<Value: Decodable>(_ name: String, as type: Value.Type) -> Value {
    do {
      let file = Bundle.module.bundleURL.appending(path: "Vectors/\(name)")
      return try JSONDecoder().decode(type, from: Data(contentsOf: file))
    } catch {
      preconditionFailure("cannot read \(name): \(error)")
    }
  }
}
