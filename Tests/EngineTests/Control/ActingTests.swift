import FoundationEssentials
import Net
import Testing

@testable import Engine

/// Batches, undoing, keeping and presence, as clients meet them.
@Suite(.timeLimit(.minutes(1)))
struct ActingTests {
  private func rig() throws -> ControlRig {
    let rig = try ControlRig()
    try rig.lease()
    for (address, host) in [
      ("192.0.2.10", "hosta"), ("192.0.2.11", "hosta"), ("192.0.2.10", "hostb"),
    ] {
      _ = try rig.ask("validate", ["address": .string(address), "host": .string(host)])
    }
    return rig
  }

  private func command(
    _ verb: String, _ arguments: [String: JSONValue], generation: JSONValue? = nil
  ) -> JSONValue {
    var members: [String: JSONValue] = ["verb": .string(verb), "arguments": .object(arguments)]
    members["generation"] = generation
    return .object(members)
  }

  private func column(_ name: String, _ value: JSONValue?) -> [String] {
    if case .array(let rows) = value { rows.compactMap { $0[name]?.string } } else { [] }
  }

  private func refusal(_ body: () throws -> JSONValue) -> String? {
    do {
      _ = try body()
      return nil
    } catch {
      return (error as? ControlError).map { "\($0.code): \($0.message)" }
    }
  }

  @Test func aBatchSaysWhatHasComeOfEachCommand() throws {
    let rig = try rig()
    let peers = try rig.ask("window", ["view": "peers", "sort": "target"])["rows"]
    let commands = [
      command("revoke", ["target": "192.0.2.10"], generation: peers?[0]?["generation"]),
      command("revoke", ["target": "192.0.2.11"], generation: 1),
      command("suspend", ["host": "hostx"]),
    ]
    let arguments: [String: JSONValue] = [
      "commands": .array(commands), "reason": "noise", "source": "192.0.2.11",
    ]
    let plan = try rig.ask("explain", ["verb": "batch", "arguments": .object(arguments)])
    #expect(plan["entries"] == 2 && plan["leftOut"] == 1 && plan["ownPeer"] == true)
    let answer = try rig.ask("batch", arguments)
    #expect(column("result", answer["results"]) == ["done", "left-out", "failed"])
    #expect(column("verb", answer["results"]) == ["revoke", "revoke", "suspend"])
    #expect(column("target", answer["results"]) == ["192.0.2.10/32", "192.0.2.11/32", "hostx"])
    #expect(answer["entries"] == 2 && answer["undoableFor"] == 300)
    #expect(try rig.ask("revocations")[0]?["reason"] == "noise")
    let undone = try rig.ask("undo", ["action": try #require(answer["action"])])
    #expect(undone["entries"] == 2 && undone["action"] == .null)
    #expect(rig.core.state.entryCount == 3 && rig.core.state.revocationCount == 0)
  }

  @Test(
    arguments: [
      (["x": 1], "'commands' is missing"), (["commands": .array([])], "1 to 10000"),
      (["commands": .array(Array(repeating: .null, count: 10_001))], "1 to 10000"),
      (["commands": .array([1])], "command 1: 1, must be an object"),
      (["commands": .array([.object(["verb": "stop"])])], "command 1: 'verb'"),
      (["commands": .array([.object(["verb": "batch"])])], "command 1: 'verb'"),
      (["commands": .array([.object(["verb": "suspend"])])], "command 1: 'host' is missing"),
      (
        [
          "commands": .array([
            .object(["verb": "suspend", "arguments": .object(["host": "hosta"])]),
            .object(["verb": "suspend", "arguments": .object(["host": "hosta", "via": "x"])]),
          ])
        ], "command 2: 'via' is not known"
      ),
      (
        ["commands": .array([.object(["verb": "suspend", "generation": -1])])],
        "command 1: 'generation' is -1"
      ),
      (["provisional": 0], "'provisional' is 0"), (["provisional": 301], "'provisional' is 301"),
    ] as [([String: JSONValue], String)])
  func aWrongBatchIsRefusedWhole(arguments: [String: JSONValue], says: String) throws {
    let rig = try rig()
    let before = rig.core.changes
    let refusal = refusal { try rig.ask("batch", arguments) }
    #expect(refusal?.hasPrefix("bad-argument: ") == true && refusal?.contains(says) == true)
    #expect(rig.core.changes == before)
  }

  @Test(arguments: ["batch", "undo", "keep"])
  func whoMayOnlyLookChangesNothing(_ verb: String) throws {
    let rig = try rig()
    let done = try rig.ask("revoke", ["target": "192.0.2.10"])
    let before = rig.core.changes
    let arguments: [String: JSONValue] =
      verb == "batch"
      ? ["commands": .array([command("suspend", ["host": "hosta"])])]
      : ["action": try #require(done["action"])]
    let refusal = refusal { try rig.ask(verb, arguments, role: .viewer) }
    #expect(refusal?.hasPrefix("not-permitted: ") == true)
    #expect(rig.core.changes == before)
    #expect(refusal != nil && self.refusal { try rig.ask(verb, arguments) } == nil)
  }

  /// It changes nothing, but it holds the router up as the order would.
  @Test func whoMayOnlyLookHasNothingExplained() throws {
    let rig = try rig()
    let order: [String: JSONValue] = [
      "verb": "revoke", "arguments": .object(["target": "0.0.0.0/0"]),
    ]
    let refusal = refusal { try rig.ask("explain", order, role: .viewer) }
    #expect(refusal?.hasPrefix("not-permitted: ") == true)
    #expect(try rig.ask("explain", order)["message"] != nil)
  }

  @Test func nobodyUndoesWhatAnotherHasDone() throws {
    let rig = try rig()
    let done = try rig.ask("revoke", ["target": "192.0.2.10"])
    let action = try #require(done["action"])
    let request = ControlRequest(id: nil, verb: "undo", arguments: ["action": action])
    let bob = ControlUser(name: "bob", role: .operator)
    let error = #expect(throws: ControlError.self) { try rig.handler.answer(request, for: bob) }
    #expect(error?.code == "not-permitted" && error?.message.contains("ana") == true)
    #expect(refusal { try rig.ask("undo", ["action": 1]) }?.hasPrefix("not-found: ") == true)
    #expect(refusal { try rig.ask("undo", ["action": "x"]) }?.hasPrefix("bad-argument: ") == true)
    #expect(try rig.ask("undo", ["action": action])["entries"] == 2)
    #expect(refusal { try rig.ask("undo", ["action": action]) }?.hasPrefix("not-found: ") == true)
  }

  @Test(
    arguments: [
      ("revoke", ["target": "192.0.2.0/24"], "192.0.2.10", true),
      ("revoke", ["target": "192.0.2.0/24"], "::ffff:192.0.2.10", true),
      ("revoke", ["target": "192.0.2.0/24"], "203.0.113.1", false),
      ("revoke", ["target": "203.0.113.0/24"], "203.0.113.1", true),
      ("invalidate", ["address": "192.0.2.10"], "192.0.2.10", true),
      ("suspend", ["host": "hostb"], "192.0.2.10", true),
      ("suspend", ["host": "hostb"], "192.0.2.11", false),
      ("suspend", ["host": "hostb"], "10.0.0.12", true),
      ("validate", ["address": "192.0.2.10", "host": "hosta"], "192.0.2.10", false),
      ("revoke", ["target": "192.0.2.10"], "2001:db8::1", false),
    ] as [(String, [String: JSONValue], JSONValue, Bool)])
  func theOperatorsOwnPeerIsRecognised(
    verb: String, arguments: [String: JSONValue], source: JSONValue, isOwn: Bool
  ) throws {
    let inner = arguments.merging(["source": source]) { $1 }
    let plan = try rig().ask("explain", ["verb": .string(verb), "arguments": .object(inner)])
    #expect(plan["ownPeer"] == .boolean(isOwn))
  }

  @Test func whatIsProvisionalEndsWithItsConnection() throws {
    let rig = try rig()
    for isKept in [false, true] {
      let client = try rig.connect()
      let request =
        #"{"verb":"revoke","arguments":{"target":"192.0.2.0/24","provisional":60}}"#
      _ = try client.write((request + "\n").utf8)
      let line = try #require(rig.lines(1, from: client).first)
      let answer = try JSONDecoder().decode(JSONValue.self, from: Data(line.utf8))
      let action = try #require(answer["result"]?["action"])
      #expect(rig.core.state.revocationCount == 1)
      if isKept { _ = try rig.ask("keep", ["action": action]) }
      try client.finishWriting()
      _ = try rig.lines(1, from: client)
      #expect(rig.server.clientCount == 0)
      #expect(rig.core.state.revocationCount == (isKept ? 1 : 0))
      #expect(rig.core.state.entryCount == (isKept ? 0 : 3))
    }
  }

  @Test func theLargestBatchIsTaken() throws {
    let rig = try rig()
    let client = try rig.connect()
    let commands = (0..<10_000).map { number in
      #"{"verb":"revoke","arguments":{"target":"20.0.\#(number >> 8).\#(number & 255)"}}"#
    }
    let request =
      #"{"id":1,"verb":"batch","arguments":{"reason":"flood","commands":["#
      + commands.joined(separator: ",") + "]}}\n"
    var rest = Array(request.utf8)[...]
    let writer = rig.reactor.every(0.001) {
      if !rest.isEmpty, let count = try? client.write(rest) { rest = rest.dropFirst(count) }
    }
    let line = try #require(rig.lines(1, from: client).first)
    rig.reactor.cancel(writer)
    let answer = try JSONDecoder().decode(JSONValue.self, from: Data(line.utf8))
    #expect(answer["result"]?["message"]?.string?.hasPrefix("10000 commands done") == true)
    #expect(column("result", answer["result"]?["results"]).count { $0 == "done" } == 10_000)
    #expect(rig.core.state.revocationCount == 10_000)
  }

  @Test func consolesSeeEachOther() throws {
    let rig = try rig()
    let (first, second) = (try rig.connect(), try rig.connect(.viewer))
    func say(_ line: String, _ client: UnixStream) throws -> [String] {
      _ = try client.write((line + "\n").utf8)
      return try rig.lines(1, from: client)
    }
    let whoami = #"{"id":1,"verb":"whoami"}"#
    let subscribe = #"{"verb":"subscribe","arguments":{"events":["changes"],"source":"SRC"}}"#
    _ = try say(subscribe.replacing("SRC", with: "192.0.2.5"), first)
    #expect(try say(whoami, first).first?.contains(#""consoles":1,"others":[]"#) == true)
    rig.server.publish([])
    _ = try rig.lines(1, from: first)
    _ = try say(subscribe.replacing("SRC", with: "192.0.2.6"), second)
    rig.server.publish([])
    #expect(try rig.lines(1, from: first) == [#"{"event":"changes"}"#])
    let other = #""name":"ana","role":"viewer","since":"2025-11-22T15:40:01Z","source":"192.0.2.6""#
    #expect(try say(whoami, first).first?.contains("\"others\":[{\(other)}]") == true)
    // Who only follows drops is no console.
    let follower = try rig.connect()
    _ = try say(#"{"id":1,"verb":"subscribe","arguments":{"events":["drops"]}}"#, follower)
    #expect(try say(whoami, follower).first?.contains(#""name":"ana""#) == true)
    #expect(try say(whoami, first).first?.contains(#""consoles":3,"#) == true)
    rig.server.publish([])
    #expect(try first.read() == nil)
    try second.finishWriting()
    _ = try rig.lines(9, from: second)
    rig.server.publish([])
    #expect(try rig.lines(1, from: first) == [#"{"event":"changes"}"#])
    #expect(try say(whoami, first).first?.contains(#""others":[]"#) == true)
  }
}
