internal import Net
internal import PAP

/// An external address or prefix as operators act on it, before it is put into words.
struct PeerRecord {
  let target: CIDR
  /// What revokes it; nil for an address that is validated.
  var revocation: RevocationView?
  /// When the revocation ends, nanoseconds since 1970.
  var expires: UInt64?
  var hosts: [String] = []
  var entries = 0
  var packets: UInt64 = 0
  var bytes: UInt64 = 0
  /// Nanoseconds since 1970.
  var lastSeen: UInt64?
  var packetsPerSecond = 0.0
  var bitsPerSecond = 0.0
  var drops: UInt64 = 0
  /// When the oldest of its entries or the revocation was made, nanoseconds since 1970.
  var since: UInt64?
  /// The version of the address as a peer, or of the revocation.
  var generation: UInt64 = 0

  /// Adds a row of the established SA table.
  mutating func add(_ record: SARecord) {
    if !hosts.contains(record.view.host) { hosts.append(record.view.host) }
    generation = record.view.peerGeneration
    entries += 1
    let created = record.created
    since = min(since ?? created, created)
    let counters = record.counters
    packets &+= counters.packets
    bytes &+= counters.bytes
    packetsPerSecond += record.packetsPerSecond
    bitsPerSecond += record.bitsPerSecond
    lastSeen = [lastSeen, record.lastSeen].compactMap { $0 }.max()
  }

  /// `valid` or `revoked`.
  var state: String { revocation == nil ? "valid" : "revoked" }

  static let columns: [Column<PeerRecord>] = [
    Column("target", .network, "address", "peer") { .network($0.target) },
    Column("state", .text) { .text($0.state) },
    Column("hosts", .texts, "host") {
      $0.hosts.isEmpty ? .none : .text($0.hosts.count == 1 ? $0.hosts[0] : $0.hostNames)
    },
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

  private var hostNames: String { hosts.sorted().joined(separator: ",") }
}

extension PeerRow {
  /// A row in the words of the contract.
  init(_ record: PeerRecord) {
    self.init(
      target: record.target, state: record.state, hosts: record.hosts.sorted(),
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
    let entries = lookUp { $0.entries(for: address) }
    if entries.isEmpty { return nil }
    let drops = dropLog.tally.count(from: address.rawValue)
    var peer = PeerRecord(target: CIDR(address), drops: drops)
    for view in entries { peer.add(record(view)) }
    return peer
  }

  /// An address or prefix that is revoked.
  func revokedPeer(_ view: RevocationView) -> PeerRecord {
    PeerRecord(
      target: view.target, revocation: view, expires: view.expires.map(wallClock(at:)),
      hosts: view.host.map { [$0] } ?? [], drops: dropLog.tally.count(from: view.target),
      since: wallClock(of: view.created), generation: view.generation)
  }
}
