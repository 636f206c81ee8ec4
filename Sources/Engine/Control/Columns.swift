internal import Net
internal import PAP

// What filters and sorting know of each view: the keys of its rows (design.md, section 5).

/// A row of the established SA table with its counters, before it is put into words.
///
/// The table can be large: what costs something is looked up when it is asked for, and only rows that
/// are shown become `SARow`.
struct SARecord {
  let view: EntryView
  private let core: EngineCore

  init(_ view: EntryView, of core: EngineCore) {
    self.view = view
    self.core = core
  }

  var counters: EntryCounters { core.dataPath.counters(of: view.id) }
  /// Nanoseconds since 1970.
  var expires: UInt64? { view.expires.map(core.wallClock(at:)) }
  /// Nanoseconds since 1970.
  var created: UInt64 { core.wallClock(of: view.created) }
  /// Nanoseconds since 1970.
  var lastSeen: UInt64? {
    let moment = counters.lastSeen
    return moment == 0 ? nil : core.wallClock(atKernel: moment)
  }
  var packetsPerSecond: Double { core.entryRates.perSecond(of: view.id) }
  var bitsPerSecond: Double { core.entryRates.bitsPerSecond(of: view.id) }
  /// Packets from the peer for the host that the drop log remembers.
  var drops: UInt64 {
    core.dropLog.tally.count(from: view.entry.address.rawValue, for: view.hostIndex)
  }

  static let columns: [Column<SARecord>] = [
    Column("id", .number) { .number(UInt64($0.view.id.rawValue)) },
    Column("host", .text) { .text($0.view.host) },
    Column("address", .address, "peer") { .address($0.view.entry.address.rawValue) },
    Column("protocol", .text, "pr", "proto") { .text($0.view.entry.ipsecProtocol.name) },
    Column("spiIn", .spi, "spi", "in") { .spi($0.view.entry.spiIn) },
    Column("spiOut", .spi, "out") { .spi($0.view.entry.spiOut) },
    Column("origin", .text, "by") { .text($0.view.origin.name) },
    Column("created", .moment, "age") { .moment($0.created) },
    Column("expires", .deadline, "exp", isChanging: true) { .moment($0.expires) },
    Column("packets", .number, isChanging: true) { .number($0.counters.packets) },
    Column("bytes", .number, isChanging: true) { .number($0.counters.bytes) },
    Column("packetsPerSecond", .number, "pps", isChanging: true) { .rate($0.packetsPerSecond) },
    Column("bitsPerSecond", .number, "bps", isChanging: true) { .rate($0.bitsPerSecond) },
    Column("lastSeen", .moment, "idle", "seen", isChanging: true) { .moment($0.lastSeen) },
    Column("drops", .number, "drop", isChanging: true) { .number($0.drops) },
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
    Column("time", .moment, "age") { .moment($0.wallClock) },
    Column("direction", .text, "dir") { .text($0.record.direction.name) },
    Column("reason", .text) { .text($0.record.reason.name) },
    Column("source", .address, "src", "peer") { $0.address($0.record.source) },
    Column("destination", .address, "dst") { $0.address($0.record.destination) },
    Column("protocol", .text, "pr", "proto") { .text($0.protocolName) },
    Column("spi", .spi) { $0.record.hasSPI ? .spi($0.record.spi) : .none },
    Column("sourcePort", .number, "sport") { $0.port($0.record.sourcePort) },
    Column("destinationPort", .number, "dport") { $0.port($0.record.destinationPort) },
    Column("host", .text) { .text($0.host) },
    Column("length", .number, "len") { .number(UInt64($0.record.length)) },
    Column("count", .number, isChanging: true) { .number($0.count) },
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
    Column("name", .text, "host") { .text($0.name) },
    Column("keyId", .number, "key", isChanging: true) { .number(UInt64($0.keyId)) },
    Column("insideAddress", .address, "inside", "address", isChanging: true) {
      .address($0.insideAddress.rawValue)
    },
    Column("state", .text, isChanging: true) { .text($0.state) },
    Column("slot", .text, isChanging: true) { .text($0.slot.map { "\($0)" }) },
    Column("firstSPI", .spi, "spi", isChanging: true) { .spi($0.firstSPI) },
    Column("spiCount", .number, "of", isChanging: true) { .number(UInt64($0.spiCount)) },
    Column("spisInUse", .number, "spis", isChanging: true) { .number(UInt64($0.spisInUse)) },
    Column("spisClaimed", .number, "claimed", isChanging: true) {
      .number(UInt64($0.spisClaimed))
    },
    Column("ports", .number, isChanging: true) {
      $0.ports.map { .number(UInt64($0.first)) } ?? .none
    },
    Column("entries", .number, isChanging: true) { .number(UInt64($0.entries)) },
    Column("leaseExpires", .deadline, "lease", "exp", isChanging: true) {
      .moment(text: $0.leaseExpires)
    },
    Column("lastSeen", .moment, "idle", "seen", isChanging: true) { .moment(text: $0.lastSeen) },
    Column("packets", .number, isChanging: true) { .number($0.packets) },
    Column("bytes", .number, isChanging: true) { .number($0.bytes) },
    Column("drops", .number, "drop", isChanging: true) { .number($0.drops) },
    Column("violations", .number, isChanging: true) { .number($0.violations) },
    Column("packetsPerSecond", .number, "pps", isChanging: true) { .rate($0.packetsPerSecond) },
    Column("bitsPerSecond", .number, "bps", isChanging: true) { .rate($0.bitsPerSecond) },
  ]
}

extension RevocationRow {
  static let columns: [Column<RevocationRow>] = [
    Column("target", .network, "address", "peer") { .network($0.target) },
    Column("host", .text) { .text($0.host) },
    Column("by", .text) { .text($0.by) },
    Column("reason", .text) { .text($0.reason) },
    Column("created", .moment, "age") { .moment(text: $0.created) },
    Column("expires", .deadline, "exp", "until", isChanging: true) { .moment(text: $0.expires) },
  ]
}

extension AuditReportRow {
  static let columns: [Column<AuditReportRow>] = [
    Column("sequence", .number, "number") { .number($0.sequence) },
    Column("time", .moment, "age") { .moment(text: $0.time) },
    Column("actor", .text, "who", "by") { .text($0.actor.name) },
    Column("source", .text, "from") { .text($0.actor.source) },
    Column("action", .text) { .text($0.action) },
    Column("target", .text) { .text($0.target) },
    Column("message", .text, "what") { .text($0.message) },
    Column("result", .text) { .text($0.result) },
  ]

  /// What was done, in words.
  package var message: String? {
    if case .object(let members) = detail { members["message"]?.string } else { nil }
  }
}

extension FieldValue {
  static func text(_ text: String?) -> FieldValue {
    text.map { .text($0) } ?? .none
  }

  static func spi(_ spi: SPI?) -> FieldValue {
    spi.map { .spi($0.rawValue) } ?? .none
  }

  static func moment(_ moment: UInt64?) -> FieldValue {
    moment.map { .moment($0) } ?? .none
  }

  /// A moment that is written out already, to the second.
  static func moment(text: String?) -> FieldValue {
    .moment(text.flatMap(Timestamp.seconds).map { UInt64(clamping: $0) &* .second })
  }

  /// Something a second; the least there is counts as 1, so that 0 means nothing at all.
  static func rate(_ perSecond: Double) -> FieldValue {
    .number(UInt64(clamping: Int64(min(perSecond, 1e18).rounded(.up))))
  }
}
