public import PAP

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
