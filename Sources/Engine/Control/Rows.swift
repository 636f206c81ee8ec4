public import PAP

// What the control socket answers, and so what `ctl --json` prints: the keys are a contract
// (design.md, section 5). Times are RFC 3339 in UTC, durations seconds.

/// An optional that is written as an explicit JSON null, since every key of a row is always there.
@propertyWrapper
public struct Nullable<Value: Codable & Sendable>: Codable, Sendable {
  public var wrappedValue: Value?

  public init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    wrappedValue = container.decodeNil() ? nil : try container.decode(Value.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
  }
}

extension Nullable: Equatable where Value: Equatable {}

extension Nullable: Hashable where Value: Hashable {}

/// The router in one look: `ctl status`.
public struct StatusReport: Codable, Sendable {
  public struct Packets: Codable, Sendable, Equatable {
    public var received, forwardedInbound, forwardedOutbound: UInt64
    public var answered, consumed, held, dropped: UInt64
  }
  public struct Bytes: Codable, Sendable, Equatable {
    public var received, forwardedInbound, forwardedOutbound: UInt64
  }
  public struct Alarm: Codable, Sendable, Equatable {
    /// `store-not-durable`, `limit-reached`, `ike-flood`, `drop-ring-overflow` or
    /// `authentication-off`.
    public var code: String
    /// What is the matter, in one line for people.
    public var text: String
    public var since: String
  }
  public var version: String
  /// The router's state epoch, never 0 (pap.md, section 3).
  public var epoch: UInt32
  /// `running`; later also `starting`, `stopping`.
  public var state: String
  public var externalAddress: IPv4Address
  public var tunnelEndpoint: IPv4Address
  public var tun: String
  public var queues: Int
  public var uptimeSeconds: Int
  /// Configured hosts.
  public var hosts: Int
  public var slotsLeased: Int
  public var saEntries: Int
  public var revocations: Int
  public var packets: Packets
  public var bytes: Bytes
  /// Every drop reason with its count, zeros included.
  public var drops: [String: UInt64]
  public var pap: PAPReport
  /// Rows of the state that a restart would lose: 0 but for while storing them fails.
  public var unstored: Int
  /// Why storing fails, or null.
  @Nullable public var storeProblem: String?
  /// What an operator must know before anything else, the gravest first.
  public var alarms: [Alarm]
}

/// How PAP messages were received, and what the router sent of itself: part of `ctl status` and
/// `ctl stats`.
///
/// Every message that came counts in `received`; `notAuthenticated`, `replayed`, `malformed` and
/// `unanswered` rise when somebody attacks.
public struct PAPReport: Codable, Hashable, Sendable {
  public var received: UInt64
  /// Requests that were acted on.
  public var accepted: UInt64
  /// Repeats that were answered from the stored response.
  public var repeated: UInt64
  public var malformed: UInt64
  /// Bad tags, unknown keys, wrong source addresses.
  public var notAuthenticated: UInt64
  public var noSession: UInt64
  public var replayed: UInt64
  public var rateLimited: UInt64
  /// Neither acted on nor answered: too short, or no request.
  public var ignored: UInt64
  /// Owed a refusal, and not answered: their source got too many.
  public var unanswered: UInt64
  /// `withdraw-notice` messages, repeats included, and what became of them.
  public var noticesSent: UInt64
  public var noticesConfirmed: UInt64
  public var noticesUnconfirmed: UInt64
  public var announcementsSent: UInt64
}

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

/// Counters per reason, rates and top sources: `ctl stats`.
public struct StatsReport: Codable, Sendable {
  public struct Drops: Codable, Sendable, Equatable {
    public var count: UInt64
    public var perSecond: Double
  }
  public struct Source: Codable, Sendable, Equatable {
    public var address: IPv4Address
    public var count: UInt64
    public var perSecond: Double
    public var lastReason: String
  }
  public struct Flow: Codable, Sendable, Equatable {
    public var packets: UInt64
    public var bytes: UInt64
    public var packetsPerSecond: Double
    public var bitsPerSecond: Double
  }
  public struct Forwarded: Codable, Sendable, Equatable {
    public var inbound: Flow
    public var outbound: Flow
  }
  /// Since when the counters run.
  public var since: String
  public var drops: [String: Drops]
  public var topSources: [Source]
  public var forwarded: Forwarded
  public var pap: PAPReport
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

/// A row of the audit log: `ctl audit`.
package struct AuditReportRow: Codable, Sendable {
  package struct Actor: Codable, Sendable, Equatable {
    /// Null where there was no client.
    @Nullable package var uid: UInt32?
    package var name: String
    /// Where the operator sat, by the client's word, or null.
    @Nullable package var source: String?
  }
  package var sequence: UInt64
  package var time: String
  package var actor: Actor
  package var action: String
  package var target: String
  /// An object: via, host, message, before, after, entries.
  package var detail: JSONValue
  /// `done`, or the code of the refusal.
  package var result: String
  /// SHA-256, 64 hexadecimal digits.
  package var hash: String
}

/// What following the chain of the audit log has found: `ctl audit --verify`.
package struct AuditCheck: Codable, Sendable {
  package var intact: Bool
  /// Rows that are as they were written, from the first one on.
  package var rows: UInt64
  /// The number of the first row that is not, or null.
  @Nullable package var firstBroken: UInt64?
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
  /// The version of the peer or of the revocation that this is.
  public var generation: UInt64
}

/// A screenful of a view, filtered and sorted by the engine: the verb `window`.
public struct Window<Row: Codable & Sendable>: Codable, Sendable {
  /// Rows there are.
  public var total: Int
  /// Rows that the filter lets through.
  public var matched: Int
  /// The number of the first row given, among the matched.
  public var offset: Int
  public var rows: [Row]
  /// The number of the first row with the text that was to be found, among the matched; missing if
  /// there is none, or nothing was to be found.
  public var found: Int?

  public init(total: Int, matched: Int, offset: Int, rows: [Row], found: Int? = nil) {
    self.total = total
    self.matched = matched
    self.offset = offset
    self.rows = rows
    self.found = found
  }
}
