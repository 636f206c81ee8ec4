import Engine
import FoundationEssentials
import PAP
import Testing

@testable import Console

@Suite struct CodecTests {
  struct Asked: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let request: Request
    let verb: String
    /// As JSON, keys sorted.
    let arguments: String
  }

  private static let address = IPv4Address(rawValue: 0xc633_6407)

  /// Source: the verbs of the control socket and their arguments (`Verb`).
  static let asked = [
    Asked(testDescription: "status", request: .status, verb: "status", arguments: "{}"),
    Asked(
      testDescription: "history", request: .history, verb: "history",
      arguments: #"{"seconds":60}"#),
    Asked(
      testDescription: "the last day", request: .trend(.day), verb: "history",
      arguments: #"{"resolution":600}"#),
    Asked(
      testDescription: "one host", request: .host("hosta"), verb: "host",
      arguments: #"{"host":"hosta"}"#),
    Asked(
      testDescription: "rows in an order of the router's own",
      request: .window(
        WindowQuery(view: .ike, filter: "", sort: "", descending: false, offset: 0, count: 9)),
      verb: "window", arguments: #"{"count":9,"descending":false,"offset":0,"view":"ike"}"#),
    Asked(
      testDescription: "subscription", request: .subscribe, verb: "subscribe",
      arguments: #"{"events":["changes"]}"#),
    Asked(
      testDescription: "rows",
      request: .window(
        WindowQuery(
          view: .associations, filter: "host=a", sort: "packets", descending: true, offset: 3,
          count: 20)), verb: "window",
      arguments:
        #"{"count":20,"descending":true,"filter":"host=a","offset":3,"sort":"packets","view":"sa"}"#
    ),
    Asked(
      testDescription: "rows that have a word in what is visible",
      request: .window(
        WindowQuery(
          view: .ports, filter: "hosta", sort: "first", descending: false, offset: 0, count: 9,
          columns: ["first", "host"])), verb: "window",
      arguments: #"{"columns":["first","host"],"count":9,"descending":false,"filter":"hosta","#
        + #""offset":0,"sort":"first","view":"ports"}"#),
    Asked(
      testDescription: "what a reload would change", request: .explain(.reload(reason: nil)),
      verb: "explain", arguments: #"{"arguments":{},"verb":"reload"}"#),
    Asked(
      testDescription: "a reload", request: .perform(.reload(reason: "new host")),
      verb: "reload", arguments: #"{"reason":"new host","via":"console"}"#),
    Asked(
      testDescription: "the chain of the audit log", request: .verifyAudit, verb: "audit-verify",
      arguments: "{}"),
    Asked(
      testDescription: "rows that take the place of others",
      request: .window(
        WindowQuery(
          view: .hosts, filter: "", sort: "name", descending: false, offset: 0, count: 9,
          overtakes: true)), verb: "window",
      arguments:
        #"{"count":9,"descending":false,"offset":0,"overtake":true,"sort":"name","view":"hosts"}"#
    ),
    Asked(
      testDescription: "rows of the log come in its own order",
      request: .window(
        WindowQuery(
          view: .log, filter: "", sort: "time", descending: true, offset: 0, count: 20)),
      verb: "window", arguments: #"{"count":20,"descending":true,"offset":0,"view":"drops"}"#),
    Asked(
      testDescription: "where a text is",
      request: .find(
        WindowQuery(
          view: .peers, filter: "", sort: "target", descending: false, offset: 60, count: 40),
        FindStep(text: "192.0.2", from: 71, backwards: true)), verb: "window",
      arguments: #"{"backwards":true,"count":1,"descending":false,"find":"192.0.2","from":71,"#
        + #""offset":0,"sort":"target","view":"peers"}"#),
    Asked(
      testDescription: "what a revocation would do",
      request: .explain(
        .revoke(
          CIDR(address, prefixLength: 24), host: nil, seconds: 900, reason: "noisy")),
      verb: "explain",
      arguments:
        #"{"arguments":{"for":900,"reason":"noisy","target":"198.51.100.0/24"},"verb":"revoke"}"#),
    Asked(
      testDescription: "what a validation would do",
      request: .explain(
        .validate(
          address, host: "hosta", ipsecProtocol: .ah, spi: SPI(rawValue: 0x1001_0001),
          seconds: nil)), verb: "explain",
      arguments: #"{"arguments":{"address":"198.51.100.7","host":"hosta","protocol":"ah","#
        + #""spi":"0x10010001"},"verb":"validate"}"#),
    Asked(
      testDescription: "what an invalidation would do",
      request: .explain(.invalidate(address, host: nil, spi: nil)), verb: "explain",
      arguments: #"{"arguments":{"address":"198.51.100.7"},"verb":"invalidate"}"#),
    Asked(
      testDescription: "what lifting would do",
      request: .explain(.lift(CIDR(address), host: "hosta")), verb: "explain",
      arguments:
        #"{"arguments":{"host":"hosta","target":"198.51.100.7/32"},"verb":"unrevoke"}"#),
    Asked(
      testDescription: "what a suspension would do", request: .explain(.suspend(host: "hosta")),
      verb: "explain", arguments: #"{"arguments":{"host":"hosta"},"verb":"suspend"}"#),
    Asked(
      testDescription: "what a batch would do",
      request: .explain(
        .batch(
          Batch(
            items: [
              .init(command: .suspend(host: "hosta"), generation: 7),
              .init(command: .resume(host: "hostb")),
            ], reason: "move"))), verb: "explain",
      arguments: #"{"arguments":{"commands":[{"arguments":{"host":"hosta"},"generation":7,"#
        + #""verb":"suspend"},{"arguments":{"host":"hostb"},"verb":"resume"}],"reason":"move"},"#
        + #""verb":"batch"}"#),
    Asked(
      testDescription: "something provisional",
      request: .perform(.suspend(host: "hosta"), provisional: 60), verb: "suspend",
      arguments: #"{"host":"hosta","provisional":60,"via":"console"}"#),
    Asked(
      testDescription: "marked rows",
      request: .window(
        WindowQuery(
          view: .hosts, filter: "state=active or silent", sort: "name", descending: false,
          offset: 0, count: 20, marked: ["hosta"], showsMarkedOnly: true)), verb: "window",
      arguments: #"{"count":20,"descending":false,"filter":"(state=active or silent) and marked","#
        + #""marked":["hosta"],"offset":0,"sort":"name","view":"hosts"}"#),
  ]

  /// What takes an action back, or lets it stay.
  static let afterwards = [
    Asked(
      testDescription: "undo", request: .undo(12), verb: "undo",
      arguments: #"{"action":12,"via":"console"}"#),
    Asked(
      testDescription: "keep", request: .keep(12), verb: "keep",
      arguments: #"{"action":12,"via":"console"}"#),
  ]

  @Test(arguments: afterwards)
  func whatFollowsAnActionIsWrittenToo(_ vector: Asked) throws {
    let (verb, arguments) = EngineCodec.encode(vector.request, source: nil)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    #expect(verb == vector.verb)
    #expect(String(decoding: try encoder.encode(arguments), as: UTF8.self) == vector.arguments)
  }

  @Test(arguments: asked)
  func requestsAreWrittenAsTheSocketTakesThem(_ vector: Asked) throws {
    let (verb, arguments) = EngineCodec.encode(vector.request, source: nil)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    #expect(verb == vector.verb)
    #expect(String(decoding: try encoder.encode(arguments), as: UTF8.self) == vector.arguments)
    #expect(Verb(rawValue: verb) != nil)
  }

  @Test func everyViewWithRowsIsOneOfTheSockets() {
    let windows = ViewID.allCases.compactMap(\.window)
    #expect(
      windows == ["sa", "hosts", "peers", "drops", "drop-reasons", "ike", "ports", "audit"])
    #expect(ViewID.dropTables.map(\.window) == ["drop-reasons", "drop-sources", "drop-hosts"])
  }

  @Test func whatAVerbWouldDoIsTakenFromTheReport() throws {
    let report = Data(
      """
      {"message": "this would revoke 198.51.100.7", "hosts": ["hosta"], "entries": 1,
       "rows": [{"id": 1, "generation": 1, "host": "hosta", "address": "198.51.100.7", "protocol": "esp", "spiIn": null,
         "spiOut": null, "origin": "host", "created": "2025-01-31T14:05:29Z", "expires": null,
         "packets": 1, "bytes": 1, "lastSeen": null, "packetsPerSecond": 0.0,
         "bitsPerSecond": 0.0, "drops": 0}],
       "packetsPerSecond": 12.5, "allEntries": 4, "leftOut": 0, "ownPeer": false,
       "touchedBy": null, "touchedAt": null}
      """.utf8)
    let command = Command.revoke(CIDR(Self.address), host: nil, seconds: nil, reason: nil)
    guard
      case .explanation(let explanation) = EngineCodec.decode(
        .success(report), for: .explain(command))
    else {
      Issue.record("the report was not read")
      return
    }
    #expect(explanation.message == "this would revoke 198.51.100.7")
    #expect(explanation.packetsPerSecond == 12.5)
    #expect(explanation.examples == ["hosta  198.51.100.7  esp  any SPI"])
  }

  @Test(arguments: ["{}", "null", "[]", "{\"rows\": 1}", "x", ""])
  func anAnswerThatCannotBeReadIsAFailureNotATrap(_ text: String) {
    for request in Self.asked.map(\.request) where request != .subscribe {
      let reply = EngineCodec.decode(.success(Data(text.utf8)), for: request)
      guard case .failure(let refusal) = reply else {
        Issue.record("\(request) took \(text)")
        continue
      }
      #expect(refusal.code == "unreadable")
    }
  }

  @Test func whatAnActionCameToIsTakenFromTheReport() throws {
    let report = Data(
      """
      {"message": "2 commands: 1 done", "entries": 3, "durable": true, "action": 12,
       "undoableFor": 300, "results": [
         {"verb": "revoke", "target": "192.0.2.1/32", "host": null, "result": "done",
          "message": "revoked 192.0.2.1"},
         {"verb": "suspend", "target": "hosta", "host": "hosta", "result": "left-out",
          "message": "hosta has changed"}]}
      """.utf8)
    guard case .acted(let outcome) = EngineCodec.decode(.success(report), for: .undo(1)) else {
      Issue.record("the report was not read")
      return
    }
    #expect(outcome.action == 12)
    #expect(outcome.undoableFor == 300)
    #expect(outcome.parts.map(\.ending) == [.done, .leftOut])
    #expect(outcome.parts.map(\.target) == ["192.0.2.1/32", "hosta"])
  }

  @Test func aRefusalKeepsItsColumn() {
    let error = ControlError(code: "bad-filter", message: "there is no field 'x'", column: 3)
    guard case .failure(let refusal) = EngineCodec.decode(.failure(error), for: .status) else {
      Issue.record("a refusal is a failure")
      return
    }
    #expect(refusal == Refusal(code: "bad-filter", message: "there is no field 'x'", column: 3))
  }

  @Test func whatTheEngineRememberedStartsTheGraphs() throws {
    let seconds = (1...60).map { String($0) }.joined(separator: ",")
    let zeros = Array(repeating: "0", count: 60).joined(separator: ",")
    let report = Data(
      """
      {"resolution": 1, "seconds": 60, "drops": {"spi-not-leased": [\(seconds)], "malformed": [\(zeros)]},
       "dropped": [\(seconds)], "received": [\(zeros)],
       "forwarded": {"inbound": {"packets": [\(seconds)], "bits": [\(seconds)]},
         "outbound": {"packets": [\(zeros)], "bits": [\(zeros)]}}}
      """.utf8)
    guard case .history(let history) = EngineCodec.decode(.success(report), for: .history) else {
      Issue.record("the history was not read")
      return
    }
    #expect(history.inbound.values.count == Series.length)
    #expect(history.inbound.last == 60)
    #expect(history.inboundBits == 60)
    #expect(history.reasons.keys.sorted() == ["spi-not-leased"])
  }
}
