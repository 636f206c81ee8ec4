public import PAP

// What the control socket answers, and so what `ctl --json` prints: the keys are a contract
// (design.md, section 5). Times are RFC 3339 in UTC, durations seconds.

/// One row of the established SA table: `ctl sa`.
public struct SARow: Codable, Sendable {
  public var host: String
  public var address: IPv4Address
  public var `protocol`: IPsecProtocol
  @Nullable public var spiIn: SPI?
  @Nullable public var spiOut: SPI?
  /// `host` or `operator`.
  public var origin: String
  public var created: String
  @Nullable public var expires: String?
  public var packets: UInt64
  public var bytes: UInt64
  @Nullable public var lastSeen: String?
  /// Over the last seconds; 0 where there are too many entries to measure each.
  public var packetsPerSecond: Double
  public var bitsPerSecond: Double
  /// Packets from the peer for the host that the drop log remembers.
  public var drops: UInt64
  /// The number of the row, and the version of it that this is: in `window` only.
  public var id: UInt32?
  public var generation: UInt64?
}

/// One inside host with its leases: `ctl hosts`.
public struct HostRow: Codable, Sendable {
  public struct Ports: Codable, Sendable, Equatable {
    public var first: UInt16
    public var count: UInt16
  }
  public var name: String
  public var keyId: UInt32
  public var insideAddress: IPv4Address
  /// `active`, `suspended`, or `silent`: no session with the host.
  public var state: String
  @Nullable public var slot: Slot?
  @Nullable public var firstSPI: SPI?
  public var spiCount: UInt32
  /// Different inbound SPIs among the host's entries.
  public var spisInUse: Int
  public var spisClaimed: Int
  @Nullable public var ports: Ports?
  public var entries: Int
  @Nullable public var leaseExpires: String?
  @Nullable public var lastSeen: String?
  public var packets: UInt64
  public var bytes: UInt64
  public var drops: UInt64
  /// Those among the drops in which the host broke a rule for what hosts send.
  public var violations: UInt64
  /// Over the last seconds, both directions.
  public var packetsPerSecond: Double
  public var bitsPerSecond: Double
  /// The version of the host that this is: in `window` only.
  public var generation: UInt64?
}

/// One line of the drop log: `ctl drops`.
public struct DropRow: Codable, Sendable {
  public var time: String
  public var direction: String
  public var reason: String
  @Nullable public var source: IPv4Address?
  @Nullable public var destination: IPv4Address?
  /// The IP protocol: `esp`, `ah`, `udp`, `tcp`, `icmp`, else its number.
  @Nullable public var `protocol`: String?
  @Nullable public var spi: SPI?
  @Nullable public var sourcePort: UInt16?
  @Nullable public var destinationPort: UInt16?
  @Nullable public var host: String?
  @Nullable public var length: Int?
  /// More than 1 where so many alike were folded.
  public var count: UInt64
}

/// An address or prefix that may not be validated: `ctl revocations`.
public struct RevocationRow: Codable, Sendable {
  public var target: CIDR
  /// The host it holds for, or null for all.
  @Nullable public var host: String?
  public var by: String
  @Nullable public var reason: String?
  public var created: String
  @Nullable public var expires: String?
  /// Whether it survives a restart by now; it holds in any case.
  public var durable: Bool
}

/// An external address or prefix as operators act on it: valid for some hosts, revoked, or both.
///
/// Made for consoles; `ctl` has no verb for it.
public struct PeerRow: Codable, Sendable {
  /// An address, or the target of a revocation.
  public var target: CIDR
  /// `valid`, or `revoked`.
  public var state: String
  public var hosts: [String]
  public var entries: Int
  public var packets: UInt64
  public var bytes: UInt64
  @Nullable public var lastSeen: String?
  /// Over the last seconds.
  public var packetsPerSecond: Double
  public var bitsPerSecond: Double
  /// Drops of packets from there that the drop log remembers.
  public var drops: UInt64
  @Nullable public var by: String?
  @Nullable public var reason: String?
  @Nullable public var expires: String?
  /// When the oldest of its entries was made, or the revocation.
  public var since: String?
  /// The version of the peer or of the revocation that this is.
  public var generation: UInt64
}
