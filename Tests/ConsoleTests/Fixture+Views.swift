import Engine
import FoundationEssentials
import PAP

@testable import Console

// The fixture's router as its windows of drops, IKE, ports and audit describe it.
extension Fixture {
  static func dropReasons(more drops: UInt64 = 0) throws -> [DropReasonRow] {
    let counts: [DropReason: (UInt64, Double)] = [
      .spiNotLeased: (3000 + 18 * drops, 18.5), .addressNotValidated: (1990 + 12 * drops, 12),
      .portNotOwned: (10, 0),
    ]
    return try decode(
      "["
        + DropReason.allCases.map { reason in
          let (count, rate) = counts[reason] ?? (0, 0)
          return "{\"reason\": \"\(reason.name)\", \"count\": \(count), \"perSecond\": \(rate)}"
        }.joined(separator: ",") + "]")
  }

  static func dropSources(
    more drops: UInt64 = 0, trend: GraphSpan? = nil
  ) throws -> [DropSourceRow] {
    var rows: [DropSourceRow] = try decode(
      """
      [{"address": "203.0.113.66", "count": \(3000 + 18 * drops), "perSecond": 18.5,
        "lastReason": "spi-not-leased", "state": "unknown"},
       {"address": "192.0.2.77", "count": 1990, "perSecond": 12.0,
        "lastReason": "address-not-validated", "state": "unknown"},
       {"address": "192.0.2.66", "count": 147, "perSecond": 0.0,
        "lastReason": "address-revoked", "state": "revoked"},
       {"address": "198.51.100.7", "count": 15, "perSecond": 0.0,
        "lastReason": "ttl-expired", "state": "valid"}]
      """)
    for place in rows.indices { rows[place].dropped = trend.map { spans($0, place) } }
    return rows
  }

  // Saw teeth, each row's of another width.
  private static func spans(_ span: GraphSpan, _ place: Int) -> [UInt64] {
    (0..<(span == .day ? 144 : 60)).map { UInt64($0 % (8 * place + 6)) }
  }

  static func dropHosts(trend: GraphSpan? = nil) throws -> [DropHostRow] {
    var rows: [DropHostRow] = try decode(
      """
      [{"host": "hosta", "count": 1990, "perSecond": 12.0, "violations": 0,
        "lastReason": "address-not-validated"},
       {"host": "hostb", "count": 10, "perSecond": 0.0, "violations": 7,
        "lastReason": "port-not-owned"},
       {"host": "hostc", "count": 0, "perSecond": 0.0, "violations": 0, "lastReason": null}]
      """)
    // The last one has lost nothing.
    for place in rows.indices.dropLast() { rows[place].dropped = trend.map { spans($0, place) } }
    return rows
  }

  static func ike() throws -> [IKERow] {
    try decode(
      """
      [{"kind": "label", "host": "hosta", "peer": null, "spi": "0x1001000000000000", "role": null,
        "by": null, "since": null, "lastSeen": null, "expires": "2025-01-31T15:00:00Z",
        "count": 2},
       {"kind": "label", "host": "hostb", "peer": null, "spi": "0x1002000000000000", "role": null,
        "by": null, "since": null, "lastSeen": null, "expires": "2025-01-31T14:05:50Z",
        "count": 1},
       {"kind": "open", "host": "hosta", "peer": "198.51.100.7", "spi": "0x1001a5f3c2e19b04",
        "role": "initiator", "by": "label", "since": "2025-01-31T10:00:00Z",
        "lastSeen": "2025-01-31T14:05:02Z", "expires": null, "count": 1},
       {"kind": "half-open", "host": "hosta", "peer": "198.51.100.9", "spi": "0x77c0e1aa00112233",
        "role": "responder", "by": "label", "since": "2025-01-31T14:05:20Z",
        "lastSeen": "2025-01-31T14:05:30Z", "expires": null, "count": 1},
       {"kind": "open", "host": "hostb", "peer": "198.51.100.200", "spi": "0x0badcafe0badcafe",
        "role": "initiator", "by": "learned", "since": "2025-01-31T13:20:00Z",
        "lastSeen": "2025-01-31T14:01:00Z", "expires": null, "count": 1},
       {"kind": "rate-limited", "host": "hosta", "peer": "203.0.113.99", "spi": null, "role": null,
        "by": null, "since": "2025-01-31T14:04:32Z", "lastSeen": "2025-01-31T14:05:31Z",
        "expires": null, "count": 812}]
      """)
  }

  static func ports() throws -> [PortsRow] {
    try decode(
      """
      [\(ports(0, 1024, "reserved")),
       \(ports(1024, 1024, "leased", "hosta", since: "2025-01-31T10:00:00Z",
         expires: "2025-01-31T15:00:00Z")),
       \(ports(2048, 1024, "leased", "hostb", expires: "2025-01-31T14:05:50Z")),
       \(ports(3072, 1024, "free")), \(ports(4096, 1024, "reserved")),
       \(ports(5120, 27_648, "free")),
       \(ports(32_768, 4_096, "quarantined", "hostc", quarantine: "2025-01-31T14:07:00Z")),
       \(ports(36_864, 28_672, "free"))]
      """)
  }

  private static func ports(
    _ first: Int, _ count: Int, _ state: String, _ host: String? = nil, since: String? = nil,
    expires: String? = nil, quarantine: String? = nil
  ) -> String {
    func text(_ word: String?) -> String { word.map { "\"\($0)\"" } ?? "null" }
    return """
      {"first": \(first), "count": \(count), "state": "\(state)", "host": \(text(host)),
       "since": \(text(since)), "expires": \(text(expires)), "quarantineEnds": \(text(quarantine))}
      """
  }

  static func audit() throws -> [AuditViewRow] {
    try decode(
      """
      [{"sequence": 41, "time": "2025-01-31T14:05:29.120Z", "kind": "action", "by": "ana",
        "uid": 1000, "source": "192.0.2.200", "via": "console", "action": "revoke",
        "target": "192.0.2.66/32", "host": null, "result": "done",
        "message": "revoked 192.0.2.66 for all hosts until it is lifted, 2 entries removed",
        "before": "valid for hosta", "after": "revoked", "reason": null, "entries": 2,
        "hash": "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"},
       {"sequence": null, "time": "2025-01-31T14:05:01.000Z", "kind": "event", "by": "router",
        "uid": null, "source": null, "via": null, "action": "warning", "target": "", "host": null,
        "result": "", "message": "hostc: a PAP message from 10.0.0.13:7028 has no valid tag",
        "before": null, "after": null, "reason": null, "entries": null, "hash": null},
       {"sequence": 40, "time": "2025-01-31T14:04:50.700Z", "kind": "action", "by": "bo",
        "uid": 1001, "source": null, "via": "ctl", "action": "validate",
        "target": "10.0.0.9", "host": "hosta", "result": "unacceptable-address",
        "message": "10.0.0.9 lies in an inside network", "before": null, "after": null,
        "reason": null, "entries": null, "hash": "00ffbf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c600"},
       {"sequence": null, "time": "2025-01-31T14:00:00.000Z", "kind": "event", "by": "router",
        "uid": null, "source": null, "via": null, "action": "event", "target": "", "host": null,
        "result": "", "message": "hosta: leased slot 0x1001 for 3600 s", "before": null,
        "after": null, "reason": null, "entries": null, "hash": null}]
      """)
  }

  static func hostReport() throws -> HostReport {
    let row = String(decoding: try JSONEncoder().encode(try hosts()[0]), as: UTF8.self)
    let drop = String(
      decoding: try JSONEncoder().encode(try drop(time: "2025-01-31T14:05:30Z", number: 1)),
      as: UTF8.self)
    return try decode(
      """
      {"row": \(row), "spis": ["0x10010007"], "claims": ["0x2a000001", "0x2a000002"],
       "peers": [
         {"address": "198.51.100.7", "entries": 1, "packets": 1200000, "bytes": 1080000000,
          "packetsPerSecond": 12400.0, "bitsPerSecond": 98100000.0, "drops": 12,
          "lastSeen": "2025-01-31T14:05:32Z"},
         {"address": "198.51.100.9", "entries": 1, "packets": 12, "bytes": 1728,
          "packetsPerSecond": 0.0, "bitsPerSecond": 0.0, "drops": 0, "lastSeen": null}],
       "peerCount": 2, "ikeOpen": 1, "ikeHalfOpen": 1, "drops": [\(drop)]}
      """)
  }

  static func trend() -> Trend {
    var trend = Trend()
    trend.dropped = (0..<144).map { Double($0 % 24) }
    trend.inbound = trend.dropped.map { $0 * 100 }
    trend.outbound = trend.inbound
    trend.reasons = ["spi-not-leased": trend.dropped]
    return trend
  }
}
