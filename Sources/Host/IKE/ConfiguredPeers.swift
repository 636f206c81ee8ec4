internal import PAP

/// The peers that strongSwan's configuration names by address.
enum ConfiguredPeers {
  /// Reads a `list-conn` event: the addresses among `remote_addrs`.
  ///
  /// Names, ranges, `%any` and IPv6 say nothing about who will come.
  static func read(_ message: VICIMessage) -> Set<IPv4Address> {
    Set(message.sections.flatMap { $0.content.list("remote_addrs") }.compactMap { IPv4Address($0) })
  }

  /// What the router should hold, so that a peer's first packets are not lost: both protocols, and
  /// every SPI of the host.
  static func entries(_ peers: Set<IPv4Address>) -> [EntryKey: Entry] {
    Dictionary(
      uniqueKeysWithValues: peers.map { peer in
        let key = EntryKey(peer, .any, nil)
        return (key, key.entry(spiOut: nil))
      })
  }
}
