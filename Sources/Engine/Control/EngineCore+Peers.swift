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
  /// The version of the address as a peer, or of the revocation.
  var generation: UInt64 = 0

  /// Adds a row of the established SA table.
  mutating func add(_ record: SARecord) {
    if !hosts.contains(record.view.host) { hosts.append(record.view.host) }
    generation = record.view.peerGeneration
    entries += 1
    packets &+= record.counters.packets
    bytes &+= record.counters.bytes
    packetsPerSecond += record.packetsPerSecond
    bitsPerSecond += record.bitsPerSecond
    lastSeen = [lastSeen, record.lastSeen].compactMap { $0 }.max()
  }

  /// `valid` or `revoked`.
  var state: String { revocation == nil ? "valid" : "revoked" }

  static let columns: [Column<PeerRecord>] = [
    Column("target", .network) { .network($0.target) },
    Column("state", .text) { .text($0.state) },
    Column("hosts", .text) { .text($0.hosts.joined(separator: ",")) },
    Column("entries", .number) { .number(UInt64($0.entries)) },
    Column("packets", .number) { .number($0.packets) },
    Column("bytes", .number) { .number($0.bytes) },
    Column("lastSeen", .moment) { $0.lastSeen.map { .moment($0) } ?? .none },
    Column("packetsPerSecond", .number) { .number(UInt64($0.packetsPerSecond.rounded())) },
    Column("bitsPerSecond", .number) { .number(UInt64($0.bitsPerSecond.rounded())) },
    Column("drops", .number) { .number($0.drops) },
    Column("by", .text) { $0.revocation.map { .text($0.by) } ?? .none },
    Column("reason", .text) { $0.revocation?.reason.map { .text($0) } ?? .none },
    Column("expires", .moment) { $0.expires.map { .moment($0) } ?? .none },
  ]
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
      expires: record.expires.map(Timestamp.text), generation: record.generation)
  }
}

extension EngineCore {
  /// Every address that is validated, by address, and every target that is revoked, oldest first.
  var peerRecords: [PeerRecord] {
    let drops = dropsBySource
    return validPeers(drops) + revokedPeers(drops)
  }

  private func validPeers(_ drops: [UInt32: UInt64]) -> [PeerRecord] {
    var peers: [PeerRecord] = []
    var places: [IPv4Address: Int] = [:]
    for view in state.entries {
      let address = view.entry.address
      let place = places[address] ?? peers.count
      if place == peers.count {
        places[address] = place
        peers.append(PeerRecord(target: CIDR(address), drops: drops[address.rawValue, default: 0]))
      }
      peers[place].add(record(view))
    }
    return peers.sorted { $0.target.address < $1.target.address }
  }

  private func revokedPeers(_ drops: [UInt32: UInt64]) -> [PeerRecord] {
    state.revocationViews.map { view in
      let dropped = drops.reduce(UInt64(0)) { sum, source in
        view.target.contains(IPv4Address(rawValue: source.key)) ? sum &+ source.value : sum
      }
      return PeerRecord(
        target: view.target, revocation: view, expires: view.expires.map(wallClock(at:)),
        hosts: view.host.map { [$0] } ?? [], drops: dropped, generation: view.generation)
    }
  }

  // Of the packets that the drop log remembers.
  private var dropsBySource: [UInt32: UInt64] {
    var drops: [UInt32: UInt64] = [:]
    for row in dropLog.rows where row.record.hasAddresses && row.record.direction == .inbound {
      drops[row.record.source, default: 0] &+= row.count
    }
    return drops
  }
}
