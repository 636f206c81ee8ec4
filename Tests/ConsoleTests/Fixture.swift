import Engine
import FoundationEssentials
import PAP

@testable import Console

/// A router at one moment, as its control socket describes it, and a console that looks at it.
enum Fixture {
  /// 2025-01-31T14:05:32Z.
  static let wall = 1_738_332_332.0
  static let start = Moment(monotonic: 1_000 * Moment.second, wall: wall)

  /// A moment so many seconds after the start.
  static func moment(_ seconds: Double) -> Moment {
    Moment(
      monotonic: start.monotonic + UInt64(seconds * Double(Moment.second)), wall: wall + seconds)
  }

  static func decode<Value: Decodable>(_ text: String) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(text.utf8))
  }

  static func status(
    packets: UInt64 = 1_000_000, drops: UInt64 = 5_000, alarms: String = "[]"
  ) throws -> StatusReport {
    try decode(
      """
      {"version": "0.1.0", "epoch": 77, "state": "running", "externalAddress": "203.0.113.1",
       "tunnelEndpoint": "10.0.0.254", "tun": "dnat0", "queues": 2, "uptimeSeconds": 93600,
       "hosts": 3, "slotsLeased": 2, "saEntries": 4, "revocations": 2,
       "unstored": 0, "storeProblem": null, "alarms": \(alarms),
       "packets": {"received": \(packets * 2 + drops), "forwardedInbound": \(packets),
         "forwardedOutbound": \(packets), "answered": 12, "consumed": 40, "held": 0,
         "dropped": \(drops)},
       "bytes": {"received": \(packets * 1800), "forwardedInbound": \(packets * 900),
         "forwardedOutbound": \(packets * 500)},
       "drops": {"spi-not-leased": \(drops * 3 / 5), "address-not-validated": \(drops * 2 / 5),
         "malformed": 0},
       "pap": \(pap)}
      """)
  }

  private static let pap = """
    {"received": 90, "accepted": 80, "repeated": 2, "malformed": 1, "notAuthenticated": 4,
     "noSession": 1, "replayed": 1, "rateLimited": 1, "ignored": 0, "unanswered": 0,
     "noticesSent": 3, "noticesConfirmed": 2, "noticesUnconfirmed": 0, "announcementsSent": 0}
    """

  static func stats() throws -> StatsReport {
    try decode(
      """
      {"since": "2025-01-30T12:05:32Z",
       "drops": {"spi-not-leased": {"count": 3000, "perSecond": 18.5},
         "address-not-validated": {"count": 1990, "perSecond": 12.0},
         "port-not-owned": {"count": 10, "perSecond": 0.0},
         "malformed": {"count": 0, "perSecond": 0.0}},
       "topSources": [
         {"address": "203.0.113.66", "count": 3000, "perSecond": 18.5,
          "lastReason": "spi-not-leased"},
         {"address": "192.0.2.77", "count": 1990, "perSecond": 12.0,
          "lastReason": "address-not-validated"}],
       "forwarded": {
         "inbound": {"packets": 1, "bytes": 1, "packetsPerSecond": 1.0, "bitsPerSecond": 1.0},
         "outbound": {"packets": 1, "bytes": 1, "packetsPerSecond": 1.0, "bitsPerSecond": 1.0}},
       "pap": \(pap)}
      """)
  }

  static func associations(more packets: UInt64 = 0) throws -> [SARow] {
    try decode(
      """
      [{"id": 101, "generation": 1, "host": "hosta", "address": "198.51.100.7", "protocol": "esp", "spiIn": "0x10010007",
        "spiOut": "0x77c0e1aa", "origin": "host", "created": "2025-01-29T10:00:00Z",
        "expires": "2025-01-31T14:46:40Z", "packets": \(1_200_000 + 12_400 * packets),
        "bytes": \(1_080_000_000 + 12_262_500 * packets), "lastSeen": "2025-01-31T14:05:32Z",
        "packetsPerSecond": 12400.0, "bitsPerSecond": 98100000.0, "drops": 12},
       {"id": 102, "generation": 2, "host": "hosta", "address": "198.51.100.9", "protocol": "ah", "spiIn": null,
        "spiOut": null, "origin": "host", "created": "2025-01-31T05:05:00Z",
        "expires": "2025-01-31T14:06:10Z", "packets": 12, "bytes": 1728, "lastSeen": null,
        "packetsPerSecond": 0.0, "bitsPerSecond": 0.0, "drops": 0},
       {"id": 103, "generation": 3, "host": "hostb", "address": "198.51.100.7", "protocol": "esp", "spiIn": "0x1002fda9",
        "spiOut": "0xc2ce7044", "origin": "host", "created": "2025-01-31T14:05:30Z",
        "expires": "2025-01-31T15:05:30Z", "packets": \(300 * packets),
        "bytes": \(270_000 * packets), "lastSeen": "2025-01-31T14:05:31Z",
        "packetsPerSecond": 300.0, "bitsPerSecond": 2160000.0, "drops": 3},
       {"id": 104, "generation": 4, "host": "hostb", "address": "198.51.100.200", "protocol": "any", "spiIn": "0x10020107",
        "spiOut": null, "origin": "operator", "created": "2025-01-31T13:20:00Z",
        "expires": null, "packets": 0, "bytes": 0, "lastSeen": null,
        "packetsPerSecond": 0.0, "bitsPerSecond": 0.0, "drops": 0}]
      """)
  }

  /// The table of entries after its second row was removed.
  static func associationsWithoutSecond() throws -> RowWindow {
    var rows = try associations().map { Row.association($0) }
    rows.remove(at: 1)
    return window(rows)
  }

  static func hosts() throws -> [HostRow] {
    try decode(
      """
      [{"generation": 1, "name": "hosta", "keyId": 1, "insideAddress": "10.0.0.11", "state": "active",
        "slot": "0x1001", "firstSPI": "0x10010000", "spiCount": 65536, "spisInUse": 1,
        "spisClaimed": 0, "ports": {"first": 1024, "count": 1024}, "entries": 2,
        "leaseExpires": "2025-01-31T15:00:00Z", "lastSeen": "2025-01-31T14:05:32Z",
        "packets": 2400000, "bytes": 1900000000, "drops": 0, "violations": 0,
        "packetsPerSecond": 25100.0, "bitsPerSecond": 180300000.0},
       {"generation": 2, "name": "hostb", "keyId": 2, "insideAddress": "10.0.0.12", "state": "suspended",
        "slot": "0x1002", "firstSPI": "0x10020000", "spiCount": 65536, "spisInUse": 2,
        "spisClaimed": 1, "ports": {"first": 2048, "count": 1024}, "entries": 2,
        "leaseExpires": "2025-01-31T14:05:50Z", "lastSeen": "2025-01-31T14:00:00Z",
        "packets": 600, "bytes": 540000, "drops": 10, "violations": 7,
        "packetsPerSecond": 0.0, "bitsPerSecond": 0.0},
       {"generation": 3, "name": "hostc", "keyId": 9, "insideAddress": "10.0.0.13", "state": "silent",
        "slot": null, "firstSPI": null, "spiCount": 0, "spisInUse": 0, "spisClaimed": 0,
        "ports": null, "entries": 0, "leaseExpires": null, "lastSeen": null, "packets": 0,
        "bytes": 0, "drops": 0, "violations": 0, "packetsPerSecond": 0.0, "bitsPerSecond": 0.0}]
      """)
  }

  static func peers() throws -> [PeerRow] {
    try decode(
      """
      [{"generation": 11,
        "target": "192.0.2.66/32", "state": "revoked", "hosts": [], "entries": 0, "packets": 0,
        "bytes": 0, "lastSeen": null, "packetsPerSecond": 0.0, "bitsPerSecond": 0.0, "drops": 147, "by": "ana", "reason": "scans our hosts",
        "expires": null},
       {"generation": 12,
        "target": "198.51.100.7/32", "state": "valid", "hosts": ["hosta", "hostb"], "entries": 2,
        "packets": 1200000, "bytes": 1080000000, "lastSeen": "2025-01-31T14:05:32Z",
        "packetsPerSecond": 12700.0, "bitsPerSecond": 100260000.0, "drops": 0, "by": null, "reason": null, "expires": null},
       {"generation": 13,
        "target": "203.0.113.128/25", "state": "revoked", "hosts": ["hosta"], "entries": 0,
        "packets": 0, "bytes": 0, "lastSeen": null,
        "packetsPerSecond": 0.0, "bitsPerSecond": 0.0, "drops": 0, "by": "root", "reason": null,
        "expires": "2025-01-31T15:05:32Z"}]
      """)
  }

  static func drops(count: Int = 30) throws -> [DropRow] {
    try (0..<count).map { index in
      let second = 31 - index / 2
      let time =
        second >= 0
        ? "2025-01-31T14:05:\(second < 10 ? "0" : "")\(second)Z" : "2025-01-31T14:04:00Z"
      return try drop(time: time, number: count - index)
    }
  }

  /// One of three kinds of drop, made different from all others by its number.
  static func drop(time: String, number: Int) throws -> DropRow {
    let rest =
      switch number % 3 {
      case 0:
        """
        "reason": "spi-not-leased", "source": "203.0.113.66", "protocol": "esp",
        "spi": "\(SPI(rawValue: 0x2000_0000 + UInt32(number)))", "sourcePort": null,
        "destinationPort": null, "host": null
        """
      case 1:
        """
        "reason": "address-not-validated", "source": "192.0.2.77", "protocol": "esp",
        "spi": "\(SPI(rawValue: 0x1001_0000 + UInt32(number)))", "sourcePort": null,
        "destinationPort": null, "host": "hosta"
        """
      default:
        """
        "reason": "port-not-leased", "source": "203.0.113.9", "protocol": "tcp", "spi": null,
        "sourcePort": \(40_000 + number), "destinationPort": 22, "host": null
        """
      }
    return try decode(
      """
      {"time": "\(time)", "direction": "inbound", \(rest), "destination": "203.0.113.1",
       "length": \(60 + number), "count": \(number % 4 + 1)}
      """)
  }

  static func window(_ rows: [Row], offset: Int = 0, matched: Int? = nil) -> RowWindow {
    let matched = matched ?? offset + rows.count
    return RowWindow(total: matched, matched: matched, offset: offset, rows: rows)
  }
}
