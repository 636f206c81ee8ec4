import Configuration
import FoundationEssentials
import PAP
import Testing

@testable import Engine

private let second: UInt64 = 1_000_000_000

/// The windows that only consoles ask for, through the control socket's verbs.
@Suite struct ViewTests {
  private func words(_ text: String) -> [String] {
    text.split { $0 == "," || $0.isWhitespace }.map(String.init).sorted()
  }

  private func rows(_ window: JSONValue) -> [JSONValue] {
    if case .array(let rows)? = window["rows"] { rows } else { [] }
  }

  private func drop(
    _ reason: DropReason, from source: String, host: UInt16 = 0, direction: Direction = .inbound,
    at time: UInt64 = 100 * second
  ) throws -> DropRecord {
    var record = DropRecord()
    record.time = time
    record.reason = reason
    record.direction = direction
    record.hasAddresses = true
    record.source = try #require(IPv4Address(source)).rawValue
    record.host = host
    return record
  }

  @Test func everyViewHasTheKeysOfItsRows() throws {
    let rig = try ControlRig()
    try rig.lease()
    _ = try rig.ask("validate", ["address": "192.0.2.10", "host": "hosta"])
    rig.core.dropLog.add(try drop(.ikeRateLimited, from: "203.0.113.9"))
    let keys = [
      "drop-reasons": "reason count perSecond",
      "drop-hosts": "host count perSecond violations lastReason",
      "ike": "kind host peer spi role by since lastSeen expires count",
      "ports": "first count state host since expires quarantineEnds",
    ]
    for (view, wanted) in keys {
      #expect(
        try rig.ask("window", ["view": .string(view)])["rows"]?.keys == words(wanted), "\(view)")
    }
    let sa = try rig.ask("window", ["view": "sa"])
    #expect(sa["rows"]?[0]?["packetsPerSecond"] == 0)
    #expect(
      try ControlJSON.value(
        DropSourceRow(
          address: IPv4Address(rawValue: 1), count: 1, perSecond: 0, lastReason: "too-big",
          state: "unknown", dropped: nil)
      ).keys == words("address count perSecond lastReason state"))
  }

  @Test func dropsHaveAHistoryBySourceAndByHostWhereItIsAskedFor() throws {
    let rig = try ControlRig()
    func dropped(_ view: String, _ resolution: Int64?) throws -> [[Int64]] {
      let span = resolution.map { ["resolution": JSONValue.integer($0)] } ?? [:]
      let answer = try rig.ask("window", ["view": .string(view)].merging(span) { $1 })
      return rows(answer).compactMap { row in
        guard case .array(let numbers)? = row["dropped"] else { return nil }
        return numbers.compactMap(\.integer)
      }
    }
    rig.core.sampleRates()
    for count in [3, 0, 4] {
      rig.clock.advance(seconds: 1)
      for _ in 0..<count {
        rig.core.note(try drop(.spiNotLeased, from: "203.0.113.9", at: rig.clock.now.monotonic))
      }
      rig.core.sampleRates()
    }
    let source = try dropped("drop-sources", 1)
    #expect(source.map(\.count) == [60] && source[0].suffix(4) == [0, 3, 0, 4])
    #expect(try dropped("drop-sources", 10).map { $0.suffix(2) } == [[0, 7]])
    #expect(try dropped("drop-sources", 600).map(\.count) == [144])
    #expect(try dropped("drop-sources", nil).isEmpty)
    #expect(
      try dropped("drop-hosts", 1) == Array(repeating: Array(repeating: 0, count: 60), count: 2))
    #expect(try dropped("drop-hosts", nil).isEmpty)
    #expect(throws: ControlError.self) { try dropped("drop-hosts", 2) }
  }

  @Test func everyColumnOfEveryViewCanBeSortedByAndFiltered() throws {
    let rig = try ControlRig()
    try rig.lease()
    rig.core.dropLog.add(try drop(.ikeRateLimited, from: "203.0.113.9"))
    rig.core.events.add(LogLine(.info, "hosta: did something"), at: 5)
    func check<Record>(_ view: String, _ columns: [Column<Record>]) throws {
      for column in columns {
        let all: [String: JSONValue] = ["view": .string(view), "sort": .string(column.name)]
        #expect(!rows(try rig.ask("window", all)).isEmpty || view == "drop-sources", "\(view)")
      }
    }
    try check("ike", IKERow.columns)
    try check("ports", PortsRow.columns)
    try check("audit", AuditViewRecord.columns)
    try check("drop-reasons", DropReasonRow.columns)
    try check("drop-sources", DropSourceRow.columns)
    try check("drop-hosts", DropHostRow.columns)
  }

  @Test func labelsAreTheHostsThatHoldASlot() throws {
    let rig = try ControlRig()
    #expect(rows(try rig.ask("window", ["view": "ike"])).isEmpty)
    try rig.lease()
    let labels = rows(try rig.ask("window", ["view": "ike"]))
    #expect(labels.map { $0["kind"] } == ["label", "label"])
    let slot = try #require(rig.core.state.hostView(named: "hosta")?.slot)
    #expect(labels[0]["spi"]?.string == "\(slot)000000000000")
    #expect(labels[0]["host"] == "hosta" && labels[0]["count"] == 0)
  }

  @Test func rateLimitedSourcesAreCountedEachOnce() throws {
    let rig = try ControlRig()
    for _ in 0..<3 { rig.core.dropLog.add(try drop(.ikeRateLimited, from: "203.0.113.9")) }
    rig.core.dropLog.add(try drop(.ikeRateLimited, from: "203.0.113.7"))
    rig.core.dropLog.add(try drop(.ikeNoOwner, from: "203.0.113.8"))
    let limited = rows(try rig.ask("window", ["view": "ike"]))
    #expect(limited.map { $0["peer"] } == ["203.0.113.9", "203.0.113.7"])
    #expect(limited.map { $0["count"] } == [3, 1])
  }

  @Test func thePortsOfAllAreThereOnceWhateverTheirUse() throws {
    let rig = try ControlRig()
    func uses() throws -> [(first: Int64, count: Int64, state: String, host: String?)] {
      try rows(rig.ask("window", ["view": "ports"])).map { row in
        (
          try #require(row["first"]?.integer), try #require(row["count"]?.integer),
          try #require(row["state"]?.string), row["host"]?.string
        )
      }
    }
    #expect(try uses().map(\.state) == ["reserved", "free", "reserved", "free"])
    #expect(try uses().map(\.first) == [0, 1024, 4096, 5120])
    try rig.lease()
    let leased = try uses().filter { $0.state == "leased" }
    #expect(Set(leased.map(\.host)) == ["hosta", "hostb"])
    #expect(leased.allSatisfy { $0.count == 1024 })
    let block = try #require(rig.core.state.hostView(named: "hosta")?.ports)
    #expect(leased.contains { $0.host == "hosta" && $0.first == Int64(block.first) })
    // After the lease the block waits for its host, and then it is free.
    rig.clock.advance(seconds: 3_700)
    rig.core.tick()
    #expect(try uses().filter { $0.state == "quarantined" }.map(\.host).count >= 1)
    #expect(try uses().allSatisfy { $0.state != "leased" })
    rig.clock.advance(seconds: 121)
    rig.core.tick()
    #expect(try uses().map(\.state) == ["reserved", "free", "reserved", "free"])
    var next: Int64 = 0
    for use in try uses() {
      #expect(use.first == next)
      next += use.count
    }
    #expect(next == 65_536)
  }

  @Test func aLeaseSaysSinceWhenUnlessItIsOlderThanTheEngine() throws {
    let rig = try ControlRig()
    try rig.lease()
    let leased = rows(try rig.ask("window", ["view": "ports", "filter": "state=leased"]))
    #expect(leased.map { $0["since"] } == ["2025-11-22T15:40:01Z", "2025-11-22T15:40:01Z"])
    let stored = try StoreRig()
    try stored.start()
    stored.lease("hosta")
    let before = try #require(stored.core).portsRows.filter { $0.state == "leased" }
    #expect(before.map(\.since) == ["2025-11-22T15:40:01Z"])
    let after = try stored.start().portsRows.filter { $0.state == "leased" }
    #expect(after.map(\.since) == [nil] && after.map(\.expires) == before.map(\.expires))
  }

  @Test func theDropsOfAnEntryAreThoseFromItsPeerForItsHost() throws {
    let rig = try ControlRig()
    try rig.lease()
    for host in ["hosta", "hostb"] {
      _ = try rig.ask("validate", ["address": "192.0.2.10", "host": .string(host)])
    }
    let hosta = try #require(rig.core.state.hostView(named: "hosta")).index.rawValue
    for _ in 0..<4 { rig.core.dropLog.add(try drop(.tooBig, from: "192.0.2.10", host: hosta)) }
    rig.core.dropLog.add(try drop(.spiNotLeased, from: "192.0.2.10"))
    rig.core.dropLog.add(try drop(.tooBig, from: "192.0.2.11", host: hosta))
    rig.core.dropLog.add(
      try drop(.tooBig, from: "192.0.2.10", host: hosta, direction: .outbound))
    let entries = rows(
      try rig.ask("window", ["view": "sa", "sort": "drops", "descending": true]))
    #expect(entries.map { $0["host"] } == ["hosta", "hostb"])
    #expect(entries.map { $0["drops"] } == [4, 0])
    let peers = try rig.ask("host", ["host": "hosta"])["peers"]
    #expect(peers?[0]?["drops"] == 4)
  }

  @Test func aHostIsThereWholeOrNotAtAll() throws {
    let rig = try ControlRig()
    try rig.lease()
    for peer in 10..<25 {
      _ = try rig.ask("validate", ["address": .string("192.0.2.\(peer)"), "host": "hosta"])
    }
    let report = try rig.ask("host", ["host": "hosta"])
    #expect(
      report.keys == words("row spis claims peers peerCount ikeOpen ikeHalfOpen drops"))
    #expect(report["peerCount"] == 15)
    if case .array(let peers)? = report["peers"] { #expect(peers.count == 10) }
    #expect(report["row"]?["name"] == "hosta")
    #expect(throws: ControlError.self) { try rig.ask("host", ["host": "hostx"]) }
    #expect(throws: ControlError.self) { try rig.ask("host") }
  }

  @Test func auditAndEventsStandTogetherInTheOrderOfTime() throws {
    let rig = try StoreRig()
    let core = try rig.start()
    rig.lease("hosta")
    rig.clock.advance(seconds: 1)
    try rig.order(.revoke(prefix("192.0.2.10"), reason: "noise", by: "ana"))
    rig.clock.advance(seconds: 1)
    try rig.order(.suspend(host: "hostx"))
    rig.clock.advance(seconds: 1)
    core.events.add(LogLine(.warning, "something odd"), at: core.now.wallClock)
    core.events.add(LogLine(.debug, "something dull"), at: core.now.wallClock)
    func ask(_ more: [String: JSONValue] = [:]) throws -> [JSONValue] {
      let request = ControlRequest(
        id: nil, verb: "window", arguments: more.merging(["view": "audit"]) { $1 })
      let octets = try RequestHandler(core: core).answer(
        request, for: ControlUser(name: "ana", role: .viewer)
      ).octets()
      return rows(try JSONDecoder().decode(JSONValue.self, from: Data(octets)))
    }
    let newest = try ask(["descending": true])
    #expect(newest.map { $0["kind"] }.prefix(3) == ["event", "action", "action"])
    #expect(newest[0]["message"] == "something odd" && newest[0]["sequence"] == .null)
    #expect(newest[1]["result"] == "not-found" && newest[1]["sequence"] == 2)
    #expect(newest[2]["action"] == "revoke" && newest[2]["by"] == "ana")
    #expect(newest[2]["before"] == "not revoked; not valid" && newest[2]["after"] != .null)
    #expect(newest[2]["hash"]?.string?.count == 64)
    #expect(newest.dropFirst(3).allSatisfy { $0["kind"] == "event" })
    #expect(try ask(["filter": "noise"]).map { $0["sequence"] } == [1])
    #expect(try ask(["filter": "kind=action", "sort": "sequence"]).count == 2)
    // What came since the last look is read, and nothing twice.
    try rig.order(.suspend(host: "hosta"))
    #expect(try ask(["filter": "kind=action"]).map { $0["sequence"] } == [1, 2, 3])
    #expect(core.recentAudit.count == 3)
  }
}

extension ControlJSON {
  fileprivate static func value(_ value: some Encodable) throws -> JSONValue {
    try JSONDecoder().decode(JSONValue.self, from: Data(encode(value)))
  }
}
