public import PAP

// Rows of the views that are made for consoles: `window` gives them, `ctl` has no verb for them. Times
// are RFC 3339 in UTC.

/// One drop reason: the window `drop-reasons`.
public struct DropReasonRow: Codable, Sendable, Equatable {
  public var reason: String
  public var count: UInt64
  public var perSecond: Double
}

/// An address that packets were dropped from: the window `drop-sources`.
///
/// The router keeps those with most packets.
public struct DropSourceRow: Codable, Sendable, Equatable {
  public var address: IPv4Address
  public var count: UInt64
  public var perSecond: Double
  public var lastReason: String
  /// `valid` for some host, `revoked`, or `unknown`.
  public var state: String
  /// Packets in each of the last spans, oldest first, as in `history`: only where `window` has a
  /// `resolution`.
  public var dropped: [UInt64]?
}

/// A host that packets were dropped from or for: the window `drop-hosts`.
public struct DropHostRow: Codable, Sendable, Equatable {
  public var host: String
  public var count: UInt64
  public var perSecond: Double
  /// Those in which the host broke a rule.
  public var violations: UInt64
  @Nullable public var lastReason: String? = nil
  /// Packets in each of the last spans, oldest first, as in `history`: only where `window` has a
  /// `resolution`.
  public var dropped: [UInt64]?
}

/// An IKE SA, a host's label, or a source that is held back: the window `ike`.
public struct IKERow: Codable, Sendable, Equatable {
  /// `label`: what all IKE SPIs of a host begin with; `open` and `half-open`: an IKE SA in which the
  /// host has sent within the last hour; `rate-limited`: a source of more IKE than the responder is let
  /// have.
  public var kind: String
  @Nullable public var host: String? = nil
  @Nullable public var peer: IPv4Address? = nil
  /// Of an IKE SA the initiator's, of a label the least: `0x` and 16 digits.
  @Nullable public var spi: String? = nil
  /// `initiator` or `responder`: what the host is in the IKE SA.
  @Nullable public var role: String? = nil
  /// Whether the host is known by its `label`, or its SPI was `learned` from what it sent.
  @Nullable public var by: String? = nil
  @Nullable public var since: String? = nil
  @Nullable public var lastSeen: String? = nil
  @Nullable public var expires: String? = nil
  /// Of a label: IKE SAs of the host; of a source: its packets that the drop log remembers; else 1.
  public var count: UInt64
}

/// A stretch of ports: the window `ports`.
public struct PortsRow: Codable, Sendable, Equatable {
  public var first: UInt16
  public var count: Int
  /// `leased`, `quarantined`, `reserved` or `free`.
  public var state: String
  /// Who has them, or had them last.
  @Nullable public var host: String? = nil
  /// Null where that was before the engine started.
  @Nullable public var since: String? = nil
  @Nullable public var expires: String? = nil
  @Nullable public var quarantineEnds: String? = nil
}

/// Something that an operator or the router did: the window `audit`.
///
/// The newest 4,096 rows of the audit log, and what the router logged since it started.
package struct AuditViewRow: Codable, Sendable, Equatable {
  /// Null for what the router did of itself.
  @Nullable package var sequence: UInt64? = nil
  package var time: String
  /// `action` or `event`.
  package var kind: String
  package var by: String
  @Nullable package var uid: UInt32? = nil
  @Nullable package var source: String? = nil
  @Nullable package var via: String? = nil
  package var action: String
  package var target: String
  @Nullable package var host: String? = nil
  package var result: String
  package var message: String
  @Nullable package var before: String? = nil
  @Nullable package var after: String? = nil
  /// Why, where it was said for the action itself; a revocation has its own in `after`.
  @Nullable package var reason: String? = nil
  @Nullable package var entries: Int? = nil
  @Nullable package var hash: String? = nil
}

/// One host whole: the verb `host`.
public struct HostReport: Codable, Sendable {
  /// A peer of the host, all of its entries together.
  public struct Peer: Codable, Sendable, Equatable {
    public var address: IPv4Address
    public var entries: Int
    public var packets: UInt64
    public var bytes: UInt64
    public var packetsPerSecond: Double
    public var bitsPerSecond: Double
    public var drops: UInt64
    @Nullable public var lastSeen: String? = nil
  }
  public var row: HostRow
  /// Inbound SPIs of its entries, the first 64.
  public var spis: [SPI]
  /// SPIs that it claimed one by one.
  public var claims: [SPI]
  /// The ten peers with most traffic now, then in all.
  public var peers: [Peer]
  /// How many peers it has.
  public var peerCount: Int
  public var ikeOpen: Int
  public var ikeHalfOpen: Int
  /// The newest drops that concern it, newest first.
  public var drops: [DropRow]
}
