import Net
import PAP
import Testing

@testable import Engine

/// A request that must be refused, with which code, and words of the message.
private struct Refusal: CustomTestStringConvertible, Sendable {
  var verb: String
  var arguments: [String: JSONValue]
  var code: String
  var words: String
  var role = Role.operator

  init(
    _ verb: String, _ arguments: [String: JSONValue], _ code: String, _ words: String,
    role: Role = .operator
  ) {
    self.verb = verb
    self.arguments = arguments
    self.code = code
    self.words = words
    self.role = role
  }

  var testDescription: String { "\(verb) \(arguments.keys.sorted()) \(words)" }
}

@Suite(.timeLimit(.minutes(1)))
struct RequestTests {
  private static let peer: [String: JSONValue] = ["address": "192.0.2.10", "host": "hosta"]

  private static func peer(_ more: [String: JSONValue]) -> [String: JSONValue] {
    peer.merging(more) { $1 }
  }

  private static let refusals: [Refusal] = [
    Refusal("dance", [:], "unknown-verb", "'dance'"),
    Refusal("status", ["x": 1], "bad-argument", "'x' is not known here"),
    Refusal("sa", ["adress": "192.0.2.1"], "bad-argument", "did you mean 'address'?"),
    Refusal("sa", ["address": "192.0.2"], "bad-argument", "must be an IPv4 address"),
    Refusal("sa", ["limit": -1], "bad-argument", "'limit' is -1"),
    Refusal("sa", ["limit": "3"], "bad-argument", "'limit' is '3'"),
    Refusal("drops", ["reason": "boredom"], "bad-argument", "a drop reason"),
    Refusal("history", ["seconds": 61], "bad-argument", "from 1 to 60"),
    Refusal("window", [:], "bad-argument", "'view' is missing"),
    Refusal("window", ["view": "stats"], "bad-argument", "'view' is 'stats'"),
    Refusal("host", ["host": "hostx"], "not-found", "hostx"),
    Refusal("window", ["view": "sa", "filter": "x=1"], "bad-filter", "no field 'x'"),
    Refusal("window", ["view": "sa", "sort": "x"], "bad-argument", "cannot sort by 'x'"),
    Refusal("window", ["view": "sa", "count": 10_001], "bad-argument", "'count'"),
    Refusal("window", ["view": "sa", "find": ""], "bad-argument", "'find' is ''"),
    Refusal("window", ["view": "sa", "from": 3], "bad-argument", "'from' is not known"),
    Refusal("validate", [:], "bad-argument", "'address' is missing"),
    Refusal("validate", peer(["protocol": "tcp"]), "bad-argument", "esp, ah or any"),
    Refusal("validate", peer(["spi": "0xz"]), "bad-argument", "an SPI"),
    Refusal("validate", peer(["for": 0]), "bad-argument", "'for' is 0"),
    Refusal("validate", peer(["for": 4_294_967_296]), "bad-argument", "'for'"),
    Refusal("validate", peer(["host": "hostc"]), "not-found", "hostc"),
    Refusal("validate", peer(["address": "10.0.0.9"]), "unacceptable-address", "10.0.0.9"),
    Refusal("validate", peer(["spi": "0x00000100"]), "not-yours", "0x00000100"),
    Refusal("validate", peer(["source": "a\nb"]), "bad-argument", "'source'"),
    Refusal("revoke", ["target": "192.0.2.1/24"], "bad-argument", "address or prefix"),
    Refusal("revoke", ["target": "192.0.2.1", "reason": ""], "bad-argument", "'reason'"),
    Refusal(
      "revoke", ["target": "192.0.2.1", "reason": "\u{202e}x"], "bad-argument", "'reason'"),
    Refusal("unrevoke", ["target": "192.0.2.1"], "not-found", "192.0.2.1"),
    Refusal("suspend", ["host": "hosd"], "not-found", "hosd"),
    Refusal("explain", ["verb": "status"], "bad-argument", "a verb that acts"),
    Refusal("explain", ["verb": "stop"], "bad-argument", "a verb that acts"),
    Refusal("explain", ["verb": "suspend"], "bad-argument", "'host' is missing"),
    Refusal("validate", peer, "not-permitted", "may look", role: .viewer),
    Refusal("stop", [:], "not-permitted", "may look", role: .viewer),
  ]

  @Test(arguments: refusals)
  fileprivate func whatIsWrongIsRefusedAndChangesNothing(_ vector: Refusal) throws {
    let rig = try ControlRig()
    try rig.lease()
    let before = rig.core.changes
    let error = #expect(throws: ControlError.self) {
      _ = try rig.ask(vector.verb, vector.arguments, role: vector.role)
    }
    #expect(error?.code == vector.code)
    #expect(error?.message.contains(vector.words) == true, "\(error?.message ?? "")")
    #expect(rig.core.changes == before)
    #expect(rig.core.state.entryCount == 0)
  }

  @Test func anOperatorIsToldBeforeActing() throws {
    let rig = try ControlRig()
    try rig.lease()
    let done = try rig.ask("validate", Self.peer)
    #expect(done["message"]?.string?.hasPrefix("validated 192.0.2.10") == true)
    #expect(rig.core.state.entryCount == 1)
    let plan: [String: JSONValue] = [
      "verb": "revoke", "arguments": .object(["target": "192.0.2.0/24"]),
    ]
    let preview = try rig.ask("explain", plan)
    #expect(preview["entries"] == 1)
    #expect(preview["hosts"] == .array(["hosta"]))
    #expect(preview["allEntries"] == 1)
    #expect(preview["rows"]?[0]?["address"] == "192.0.2.10")
    #expect(rig.core.state.entryCount == 1)
    #expect(try rig.ask("revoke", ["target": "192.0.2.0/24"])["entries"] == 1)
    #expect(rig.core.state.entryCount == 0)
    #expect(throws: ControlError.self) { try rig.ask("validate", Self.peer) }
    _ = try rig.ask("unrevoke", ["target": "192.0.2.0/24"])
    _ = try rig.ask("validate", Self.peer(["for": 60]))
    rig.clock.advance(seconds: 61)
    rig.core.tick()
    #expect(rig.core.state.entryCount == 0)
  }

  @Test func entriesAreChosenByHostAndAddress() throws {
    let rig = try ControlRig()
    try rig.lease()
    for (address, host) in [
      ("192.0.2.10", "hosta"), ("192.0.2.11", "hosta"), ("192.0.2.10", "hostb"),
    ] {
      _ = try rig.ask("validate", ["address": .string(address), "host": .string(host)])
    }
    func count(_ arguments: [String: JSONValue]) throws -> Int {
      if case .array(let rows) = try rig.ask("sa", arguments) { rows.count } else { -1 }
    }
    #expect(try count([:]) == 3)
    #expect(try count(["limit": 2]) == 2)
    #expect(try count(["host": "hosta"]) == 2)
    #expect(try count(["address": "192.0.2.10"]) == 2)
    #expect(try count(["address": "192.0.2.10", "host": "hostb"]) == 1)
    #expect(try count(["host": "hosta", "limit": 1]) == 1)
    #expect(try count(["host": "nobody"]) == 0)
  }

  @Test func stopIsAnsweredAndEndsFurtherActions() throws {
    let rig = try ControlRig()
    var stops = 0
    rig.server.onStop = { stops += 1 }
    #expect(try rig.ask("stop")["message"] == "the engine stops")
    #expect(stops == 1)
    #expect(try rig.ask("status")["state"] == "stopping")
    let error = #expect(throws: ControlError.self) {
      try rig.ask("suspend", ["host": "hosta"])
    }
    #expect(error?.code == "stopping")
  }
}
