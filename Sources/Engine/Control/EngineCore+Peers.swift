internal import Net
internal import PAP

/// An external address or prefix as operators act on it, before it is put into words.
///
/// There can be as many as entries: what costs something is looked up when it is asked for.
struct PeerRecord {
  let target: CIDR
  /// What revokes it; nil for an address that is validated.
  let revocation: RevocationView?
  private let views: [EntryView]
  private let core: EngineCore

  /// An address that has entries: these.
  init(_ address: IPv4Address, _ views: [EntryView], of core: EngineCore) {
    target = CIDR(address)
    revocation = nil
    self.views = views
    self.core = core
  }

  /// An address or prefix that is revoked.
  init(_ revocation: RevocationView, of core: EngineCore) {
    target = revocation.target
    self.revocation = revocation
    views = []
    self.core = core
  }

  /// `valid` or `revoked`.
  var state: String { revocation == nil ? "valid" : "revoked" }

  /// The hosts that have validated it, or the one that the revocation is for, by name.
  var hosts: [String] {
    if let revocation { return revocation.host.map { [$0] } ?? [] }
    return views.count > 1 ? Set(views.map(\.host)).sorted() : views.map(\.host)
  }

  // Most have one.
  private var hostNames: String? {
    if views.count == 1 { return views[0].host }
    let hosts = hosts
    return hosts.isEmpty ? nil : hosts.joined(separator: ",")
  }

  var entries: Int { views.count }
  private var rows: some Sequence<SARecord> {
    views.lazy.map { [core] view in SARecord(view, of: core) }
  }

  var packets: UInt64 { rows.reduce(0) { $0 &+ $1.counters.packets } }
  var bytes: UInt64 { rows.reduce(0) { $0 &+ $1.counters.bytes } }
  var packetsPerSecond: Double { rows.reduce(0) { $0 + $1.packetsPerSecond } }
  var bitsPerSecond: Double { rows.reduce(0) { $0 + $1.bitsPerSecond } }
  /// Nanoseconds since 1970.
  var lastSeen: UInt64? { rows.lazy.compactMap(\.lastSeen).max() }
  /// Packets from there that the drop log remembers.
  var drops: UInt64 { core.dropLog.tally.count(from: target) }
  /// When the oldest of its entries or the revocation was made, nanoseconds since 1970.
  var since: UInt64? {
    revocation.map { core.wallClock(of: $0.created) } ?? rows.lazy.map(\.created).min()
  }
  /// When the revocation ends, nanoseconds since 1970.
  var expires: UInt64? { revocation?.expires.map { core.wallClock(at: $0) } }
  /// The version of the address as a peer, or of the revocation.
  var generation: UInt64 { revocation?.generation ?? views.last?.peerGeneration ?? 0 }

  static let columns: [Column<PeerRecord>] = [
    Column("target", .network, "address", "peer") { .network($0.target) },
    Column("state", .text) { .text($0.state) },
    Column("hosts", .texts, "host") { .text($0.hostNames) },
    Column("entries", .number) { .number(UInt64($0.entries)) },
    Column("packets", .number, isChanging: true) { .number($0.packets) },
    Column("bytes", .number, isChanging: true) { .number($0.bytes) },
    Column("packetsPerSecond", .number, "pps", isChanging: true) { .rate($0.packetsPerSecond) },
    Column("bitsPerSecond", .number, "bps", isChanging: true) { .rate($0.bitsPerSecond) },
    Column("lastSeen", .moment, "idle", "seen", isChanging: true) { .moment($0.lastSeen) },
    Column("drops", .number, "drop", isChanging: true) { .number($0.drops) },
    Column("by", .text) { .text($0.revocation?.by) },
    Column("reason", .text) { .text($0.revocation?.reason) },
    Column("expires", .deadline, "exp", "until", isChanging: true) { .moment($0.expires) },
  ]
}

extension PeerRow {
  /// A row in the words of the contract.
  init(_ record: PeerRecord) {
    self.init(
      target: record.target, state: record.state, hosts: record.hosts,
      entries: record.entries, packets: record.packets, bytes: record.bytes,
      lastSeen: record.lastSeen.map(Timestamp.text),
      packetsPerSecond: record.packetsPerSecond, bitsPerSecond: record.bitsPerSecond,
      drops: record.drops,
      by: record.revocation?.by, reason: record.revocation?.reason,
      expires: record.expires.map(Timestamp.text), since: record.since.map(Timestamp.text),
      generation: record.generation)
  }
}

extension EngineCore {
  /// An address that is validated; nil if it has no entry.
  func validPeer(_ address: IPv4Address) -> PeerRecord? {
    let views = lookUp { $0.entries(for: address) }
    return views.isEmpty ? nil : PeerRecord(address, views, of: self)
  }
}
