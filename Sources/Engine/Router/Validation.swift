internal import PAP

/// Who put an entry into the established SA table.
package enum EntryOrigin: Sendable {
  /// The inside host, over PAP.
  case host
  /// An operator.
  case `operator`

  /// `host` or `operator`.
  package var name: String { self == .host ? "host" : "operator" }
}

/// One row of the established SA table.
struct Validation: Sendable {
  /// What no two rows share (pap.md, section 5).
  struct Key: Hashable, Sendable {
    let host: HostIndex
    let address: IPv4Address
    let ipsecProtocol: IPsecProtocol
    let spiIn: SPI?

    init(_ host: HostIndex, _ entry: Entry) {
      self.host = host
      address = entry.address
      ipsecProtocol = entry.ipsecProtocol
      spiIn = entry.spiIn
    }

    // Two words instead of five values: with a million rows that is what loading them costs.
    func hash(into hasher: inout Hasher) {
      hasher.combine(UInt64(host.rawValue) << 32 | UInt64(address.rawValue))
      let spi = spiIn.map { UInt64($0.rawValue) | 1 << 32 } ?? 0
      hasher.combine(UInt64(ipsecProtocol.rawValue) << 33 | spi)
    }
  }

  /// An address as one host's peer.
  struct Peer: Hashable, Sendable {
    let host: HostIndex
    let address: IPv4Address

    func hash(into hasher: inout Hasher) {
      hasher.combine(UInt64(host.rawValue) << 32 | UInt64(address.rawValue))
    }
  }

  let id: EntryID
  let host: HostIndex
  let entry: Entry
  var origin: EntryOrigin
  let created: Instant
  /// The end of the row's own lifetime (monotonic nanoseconds); nil where it has none and lives as
  /// long as the host's lease.
  var expires: UInt64?
  /// Another one for each version of the row that somebody has made.
  var generation: UInt64
  /// The same for the address as a peer, which its rows share.
  var peerGeneration: UInt64

  var key: Key { Key(host, entry) }
  var peer: Peer { Peer(host: host, address: entry.address) }
}
