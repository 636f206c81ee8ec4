internal import PAP

// What filters and sorting know of each view: the keys of its rows (design.md, section 5).

/// A row of the established SA table with its counters, before it is put into words.
///
/// The table can be large; only rows that are shown become `SARow`.
struct SARecord {
  let view: EntryView
  let counters: EntryCounters
  /// Nanoseconds since 1970.
  let expires: UInt64?
  /// Nanoseconds since 1970.
  let lastSeen: UInt64?
  /// Nanoseconds since 1970.
  let created: UInt64
  let packetsPerSecond: Double
  let bitsPerSecond: Double
  /// Packets from the peer for the host that the drop log remembers.
  let drops: UInt64

  static let columns: [Column<SARecord>] = [
    Column("host", .text) { .text($0.view.host) },
    Column("address", .address) { .address($0.view.entry.address.rawValue) },
    Column("protocol", .text) { .text($0.view.entry.ipsecProtocol.name) },
    Column("spiIn", .spi) { .spi($0.view.entry.spiIn) },
    Column("spiOut", .spi) { .spi($0.view.entry.spiOut) },
    Column("origin", .text) { .text($0.view.origin.name) },
    Column("created", .moment) { .moment($0.created) },
    Column("expires", .moment) { $0.expires.map { .moment($0) } ?? .none },
    Column("packets", .number) { .number($0.counters.packets) },
    Column("bytes", .number) { .number($0.counters.bytes) },
    Column("lastSeen", .moment) { $0.lastSeen.map { .moment($0) } ?? .none },
    Column("packetsPerSecond", .number) { .number(UInt64($0.packetsPerSecond.rounded())) },
    Column("bitsPerSecond", .number) { .number(UInt64($0.bitsPerSecond.rounded())) },
    Column("drops", .number) { .number($0.drops) },
  ]
}

/// A row of the drop log, before it is put into words.
struct DropLogRecord {
  let record: DropRecord
  let count: UInt64
  /// Nanoseconds since 1970.
  let wallClock: UInt64
  let host: String?

  static let columns: [Column<DropLogRecord>] = [
    Column("time", .moment) { .moment($0.wallClock) },
    Column("direction", .text) { .text($0.record.direction.name) },
    Column("reason", .text) { .text($0.record.reason.name) },
    Column("source", .address) { $0.address($0.record.source) },
    Column("destination", .address) { $0.address($0.record.destination) },
    Column("protocol", .text) { $0.protocolName.map { .text($0) } ?? .none },
    Column("spi", .spi) { $0.record.hasSPI ? .spi($0.record.spi) : .none },
    Column("sourcePort", .number) { $0.port($0.record.sourcePort) },
    Column("destinationPort", .number) { $0.port($0.record.destinationPort) },
    Column("host", .text) { $0.host.map { .text($0) } ?? .none },
    Column("length", .number) { .number(UInt64($0.record.length)) },
    Column("count", .number) { .number($0.count) },
  ]

  /// `esp`, `ah`, `udp`, `tcp`, `icmp`, else the number; nil if not even that could be read.
  var protocolName: String? {
    switch record.ipProtocol {
    case 0: nil
    case 1: "icmp"
    case 6: "tcp"
    case 17: "udp"
    case 50: "esp"
    case 51: "ah"
    default: String(record.ipProtocol)
    }
  }

  private func address(_ address: UInt32) -> FieldValue {
    record.hasAddresses ? .address(address) : .none
  }

  private func port(_ port: UInt16) -> FieldValue {
    record.hasPorts ? .number(UInt64(port)) : .none
  }
}

extension HostRow {
  static let columns: [Column<HostRow>] = [
    Column("name", .text) { .text($0.name) },
    Column("keyId", .number) { .number(UInt64($0.keyId)) },
    Column("insideAddress", .address) { .address($0.insideAddress.rawValue) },
    Column("state", .text) { .text($0.state) },
    Column("slot", .text) { .text($0.slot.map { "\($0)" }) },
    Column("firstSPI", .spi) { .spi($0.firstSPI) },
    Column("spiCount", .number) { .number(UInt64($0.spiCount)) },
    Column("spisInUse", .number) { .number(UInt64($0.spisInUse)) },
    Column("spisClaimed", .number) { .number(UInt64($0.spisClaimed)) },
    Column("ports", .number) { $0.ports.map { .number(UInt64($0.first)) } ?? .none },
    Column("entries", .number) { .number(UInt64($0.entries)) },
    Column("leaseExpires", .moment) { .text($0.leaseExpires) },
    Column("lastSeen", .moment) { .text($0.lastSeen) },
    Column("packets", .number) { .number($0.packets) },
    Column("bytes", .number) { .number($0.bytes) },
    Column("drops", .number) { .number($0.drops) },
    Column("violations", .number) { .number($0.violations) },
    Column("packetsPerSecond", .number) { .number(UInt64($0.packetsPerSecond.rounded())) },
    Column("bitsPerSecond", .number) { .number(UInt64($0.bitsPerSecond.rounded())) },
  ]
}

extension RevocationRow {
  static let columns: [Column<RevocationRow>] = [
    Column("target", .network) { .network($0.target) },
    Column("host", .text) { .text($0.host) },
    Column("by", .text) { .text($0.by) },
    Column("reason", .text) { .text($0.reason) },
    Column("created", .moment) { .text($0.created) },
    Column("expires", .moment) { .text($0.expires) },
  ]
}

extension FieldValue {
  static func text(_ text: String?) -> FieldValue {
    text.map { .text($0) } ?? .none
  }

  fileprivate static func spi(_ spi: SPI?) -> FieldValue {
    spi.map { .spi($0.rawValue) } ?? .none
  }
}
