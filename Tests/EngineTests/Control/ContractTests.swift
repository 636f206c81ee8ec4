import FoundationEssentials
import PAP
import Testing

@testable import Engine

/// The keys of the JSON contract (design.md, section 5), word for word.
struct ContractTests {
  private func words(_ text: String) -> [String] {
    text.split { $0 == "," || $0.isWhitespace }.map(String.init).sorted()
  }

  private static let reasons = """
    malformed ip-options unsupported-protocol spi-reserved spi-not-leased address-not-validated
    address-revoked host-suspended ike-no-owner ike-rate-limited port-not-leased icmp-no-owner
    icmp-rate-limited fragment-invalid fragment-timeout fragment-overflow ttl-expired too-big
    tunnel-unknown-host tunnel-nested source-not-external destination-forbidden port-not-owned
    ike-spi-not-owned ecn-invalid hairpin-disabled write-failed
    """

  @Test func status() throws {
    let answer = try ControlRig().ask("status")
    #expect(
      answer.keys
        == words(
          """
          version, epoch, state, externalAddress, tunnelEndpoint, tun, queues, uptimeSeconds, hosts,
          slotsLeased, saEntries, revocations, packets, bytes, drops, pap, unstored, storeProblem,
          alarms
          """))
    #expect(
      answer["packets"]?.keys
        == words("received forwardedInbound forwardedOutbound answered consumed held dropped"))
    #expect(answer["bytes"]?.keys == words("received forwardedInbound forwardedOutbound"))
    #expect(answer["drops"]?.keys == words(Self.reasons))
    #expect(answer["epoch"] == 7)
    #expect(answer["externalAddress"] == "198.51.100.1")
    #expect(answer["state"] == "running")
  }

  @Test func entries() throws {
    let rig = try ControlRig()
    try rig.lease()
    _ = try rig.ask("validate", ["address": "192.0.2.10", "host": "hosta", "protocol": "esp"])
    let rows = try rig.ask("sa")
    #expect(
      rows.keys
        == words(
          """
          host, address, protocol, spiIn, spiOut, origin, created, expires, packets, bytes, lastSeen,
          packetsPerSecond, bitsPerSecond, drops
          """))
    #expect(rows[0]?["spiIn"] == .null)
    #expect(rows[0]?["lastSeen"] == .null)
    #expect(rows[0]?["origin"] == "operator")
    #expect(rows[0]?["protocol"] == "esp")
    #expect(rows[0]?["created"] == "2025-11-22T15:40:01Z")
    let shown = try rig.ask("window", ["view": "sa"])["rows"]
    #expect(shown?.keys == (rows.keys + ["generation", "id"]).sorted())
  }

  @Test func hosts() throws {
    let rig = try ControlRig()
    let keys = words(
      """
      name, keyId, insideAddress, state, slot, firstSPI, spiCount, spisInUse, spisClaimed, ports,
      entries, leaseExpires, lastSeen, packets, bytes, drops, violations, packetsPerSecond,
      bitsPerSecond
      """)
    let silent = try rig.ask("hosts")
    #expect(silent.keys == keys)
    #expect(silent[0]?["slot"] == .null)
    #expect(silent[0]?["ports"] == .null)
    #expect(silent[0]?["state"] == "silent")
    try rig.lease()
    let leased = try rig.ask("hosts")
    #expect(leased.keys == keys)
    #expect(leased[0]?["ports"]?.keys == ["count", "first"])
    #expect(leased[0]?["spiCount"] == 65_536)
    #expect(leased[1]?["keyId"] == 2)
    let slot = try #require(leased[0]?["slot"]?.string)
    #expect(slot.count == 6 && slot.hasPrefix("0x"))
    #expect(leased[0]?["firstSPI"]?.string == slot + "0000")
  }

  @Test func drops() throws {
    var record = DropRecord()
    record.hasAddresses = true
    record.source = 0xc000_0209
    record.ipProtocol = 50
    record.hasSPI = true
    record.spi = 0x1a
    let row = DropLogRecord(record: record, count: 3, wallClock: 1_500_000_000, host: nil)
    let octets = try ControlJSON.encode(DropRow(row))
    let answer = try JSONDecoder().decode(JSONValue.self, from: Data(octets))
    #expect(
      answer.keys
        == words(
          """
          time, direction, reason, source, destination, protocol, spi, sourcePort, destinationPort,
          host, length, count
          """))
    #expect(answer["time"] == "1970-01-01T00:00:01.500Z")
    #expect(answer["source"] == "192.0.2.9")
    #expect(answer["spi"] == "0x0000001a")
    #expect(answer["protocol"] == "esp")
    #expect(answer["sourcePort"] == .null)
    #expect(answer["count"] == 3)
    #expect(try ControlRig().ask("drops") == .array([]))
  }

  @Test func stats() throws {
    let answer = try ControlRig().ask("stats")
    #expect(answer.keys == words("since, drops, topSources, forwarded, pap"))
    #expect(answer["drops"]?.keys == words(Self.reasons))
    #expect(answer["drops"]?["too-big"]?.keys == words("count perSecond"))
    #expect(answer["forwarded"]?.keys == words("inbound outbound"))
    let source = StatsReport.Source(
      address: IPv4Address(rawValue: 1), count: 1, perSecond: 0, lastReason: "malformed")
    let octets = try ControlJSON.encode(source)
    #expect(
      try JSONDecoder().decode(JSONValue.self, from: Data(octets)).keys
        == words("address, count, perSecond, lastReason"))
  }

  @Test func revocations() throws {
    let rig = try ControlRig()
    _ = try rig.ask("revoke", ["target": "192.0.2.0/24", "source": "203.0.113.5", "for": 90])
    let rows = try rig.ask("revocations")
    #expect(rows.keys == words("target, host, by, reason, created, expires, durable"))
    #expect(rows[0]?["by"] == "ana@203.0.113.5")
    #expect(rows[0]?["host"] == .null)
    #expect(rows[0]?["expires"] == "2025-11-22T15:41:31Z")
  }

  @Test func views() throws {
    let rig = try ControlRig()
    try rig.lease()
    _ = try rig.ask("validate", ["address": "192.0.2.10", "host": "hosta"])
    _ = try rig.ask("revoke", ["target": "192.0.2.64/26", "reason": "noise"])
    let peers = try rig.ask("window", ["view": "peers", "sort": "target", "descending": true])
    #expect(peers.keys == words("total matched offset rows"))
    #expect(peers["rows"]?[0]?["state"] == "revoked")
    #expect(peers["rows"]?[0]?["reason"] == "noise")
    #expect(peers["rows"]?[1]?["target"] == "192.0.2.10/32")
    #expect(peers["rows"]?[1]?["hosts"] == .array(["hosta"]))
    #expect(peers["rows"]?[0]?["since"] == "2025-11-22T15:40:01Z")
    #expect(peers["rows"]?[1]?["since"] == "2025-11-22T15:40:01Z")
    let hosts = try rig.ask("window", ["view": "hosts"])["rows"]
    #expect(hosts?.keys == (try rig.ask("hosts").keys + ["generation"]).sorted())
    #expect(peers["rows"]?.keys.contains("generation") == true)
    let history = try rig.ask("history", ["seconds": 3])
    #expect(history["dropped"] == .array([0, 0, 0]))
    #expect(history["drops"]?.keys == words(Self.reasons))
  }
  @Test func actions() throws {
    let rig = try ControlRig()
    let done = try rig.ask("revoke", ["target": "192.0.2.1"])
    #expect(done.keys == words("message entries durable action undoableFor"))
    #expect(done["undoableFor"] == 300)
    let nothing = try rig.ask("resume", ["host": "hosta"])
    #expect(nothing["action"] == .null && nothing["undoableFor"] == .null)
    let command = JSONValue.object([
      "verb": "suspend", "arguments": .object(["host": "hosta"]),
    ])
    let batch = try rig.ask("batch", ["commands": .array([command])])
    #expect(batch.keys == words("message entries durable action undoableFor results"))
    #expect(batch["results"]?.keys == words("verb target host result message"))
    let plan = try rig.ask(
      "explain", ["verb": "batch", "arguments": .object(["commands": .array([command])])])
    #expect(
      plan.keys
        == words(
          """
          message hosts entries rows packetsPerSecond allEntries leftOut ownPeer touchedBy touchedAt
          """))
    #expect(plan["touchedBy"] == "ana" && plan["touchedAt"] == "2025-11-22T15:40:01Z")
    #expect(try rig.ask("whoami").keys == words("user role consoles others"))
  }
}
