public import PAP

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
