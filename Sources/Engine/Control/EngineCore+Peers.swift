internal import PAP

// The external addresses as operators act on them.

/// What is known of one external address, while its rows are added up.
private struct PeerSum {
  var hosts: Set<String> = []
  var entries = 0
  var packets: UInt64 = 0
  var bytes: UInt64 = 0
  var lastSeen: UInt64?

  mutating func add(_ record: SARecord) {
    hosts.insert(record.view.host)
    entries += 1
    packets &+= record.counters.packets
    bytes &+= record.counters.bytes
    lastSeen = [lastSeen, record.lastSeen].compactMap { $0 }.max()
  }
}

extension EngineCore {
  /// Every address that is validated, by address, and every target that is revoked, oldest first.
  var peerRows: [PeerRow] {
    let drops = dropsBySource
    var sums: [IPv4Address: PeerSum] = [:]
    for record in saRecords { sums[record.view.entry.address, default: PeerSum()].add(record) }
    let valid = sums.sorted { $0.key < $1.key }.map { address, sum in
      row(CIDR(address), state: "valid", sum, drops: drops[address.rawValue, default: 0])
    }
    return valid + revokedRows(sums, drops)
  }

  private func revokedRows(
    _ sums: [IPv4Address: PeerSum], _ drops: [UInt32: UInt64]
  ) -> [PeerRow] {
    state.revocationViews.map { view in
      let dropped = drops.reduce(UInt64(0)) { sum, source in
        view.target.contains(IPv4Address(rawValue: source.key)) ? sum &+ source.value : sum
      }
      var row = row(view.target, state: "revoked", PeerSum(), drops: dropped)
      row.hosts = view.host.map { [$0] } ?? []
      row.by = view.by
      row.reason = view.reason
      row.expires = view.expires.map(text(at:))
      return row
    }
  }

  private func row(
    _ target: CIDR, state: String, _ sum: PeerSum, drops: UInt64
  ) -> PeerRow {
    PeerRow(
      target: target, state: state, hosts: sum.hosts.sorted(), entries: sum.entries,
      packets: sum.packets, bytes: sum.bytes, lastSeen: sum.lastSeen.map(Timestamp.text),
      drops: drops, by: nil, reason: nil, expires: nil)
  }

  private var dropsBySource: [UInt32: UInt64] {
    var drops: [UInt32: UInt64] = [:]
    for row in dropLog.rows where row.record.hasAddresses && row.record.direction == .inbound {
      drops[row.record.source, default: 0] &+= row.count
    }
    return drops
  }
}
