internal import Configuration
internal import Net
internal import PAP

// One host whole.

extension EngineCore {
  private static let shownSPIs = 64
  private static let shownPeers = 10
  private static let shownDrops = 10

  /// All that is known of a host; nil if there is none of that name.
  func hostReport(_ name: String) -> HostReport? {
    guard let view = state.hostView(named: name),
      let configured = configuration.hosts.first(where: { $0.name == name })
    else { return nil }
    let entries = state.entries(ofHost: name).map(record)
    let peers = peers(of: entries, host: view.index)
    let ike = ikeSightings.filter { $0.host == view.index }
    let open = ike.count(where: \.isOpen)
    return HostReport(
      row: row(view, keyID: configured.keyID),
      spis: Array(
        Set(entries.compactMap(\.view.entry.spiIn)).sorted().prefix(Self.shownSPIs)),
      claims: state.claimedSPIs(ofHost: name), peers: Array(peers.prefix(Self.shownPeers)),
      peerCount: peers.count, ikeOpen: open, ikeHalfOpen: ike.count - open,
      drops: newestDrops(ofHost: view.index))
  }

  // The busiest first.
  private func peers(of entries: [SARecord], host: HostIndex) -> [HostReport.Peer] {
    var peers: [IPv4Address: HostReport.Peer] = [:]
    for entry in entries {
      let address = entry.view.entry.address
      var peer =
        peers[address]
        ?? HostReport.Peer(
          address: address, entries: 0, packets: 0, bytes: 0, packetsPerSecond: 0,
          bitsPerSecond: 0, drops: dropLog.tally.count(from: address.rawValue, for: host))
      peer.entries += 1
      peer.packets &+= entry.counters.packets
      peer.bytes &+= entry.counters.bytes
      peer.packetsPerSecond += entryRates.perSecond(of: entry.view.id)
      peer.bitsPerSecond += entryRates.bitsPerSecond(of: entry.view.id)
      peer.lastSeen = [peer.lastSeen, entry.lastSeen.map(Timestamp.text)].compactMap { $0 }.max()
      peers[address] = peer
    }
    return peers.values.sorted { left, right in
      (right.packetsPerSecond, right.packets, left.address.rawValue)
        < (left.packetsPerSecond, left.packets, right.address.rawValue)
    }
  }

  private func newestDrops(ofHost host: HostIndex) -> [DropRow] {
    let newest = dropLog.rows.reversed().lazy.filter { $0.record.host == host.rawValue }
    return newest.prefix(Self.shownDrops).map { DropRow(record($0)) }
  }
}
