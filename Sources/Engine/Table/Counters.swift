/// What was counted for one row of the established SA table, all workers together.
package struct EntryCounters: Equatable, Sendable {
  /// Inbound packets forwarded because of the row.
  package var packets: UInt64 = 0
  /// Their octets, inner IP headers included, the tunnel's excluded.
  package var bytes: UInt64 = 0
  /// When the last one passed, monotonic nanoseconds; 0 if none did.
  package var lastSeen: UInt64 = 0
}

/// What was counted for one host, all workers together.
package struct HostCounters: Equatable, Sendable {
  /// Packets forwarded to and from the host.
  package var packets: UInt64 = 0
  /// Their octets, inner packets only.
  package var bytes: UInt64 = 0
  /// Packets of the host that broke the outbound rules (design.md, section 3.2), and packets to it
  /// that were dropped although it was known whose they were.
  package var drops: UInt64 = 0
  /// Those among them that came from the host.
  package var violations: UInt64 = 0
  /// When the host last sent a packet through the tunnel, monotonic nanoseconds; 0 if never.
  package var lastSeen: UInt64 = 0
}

/// What was counted in all.
///
/// `received` equals the sum of the exits at any quiet moment: forwarded in both directions,
/// answered, consumed, held and dropped.
package struct Totals: Equatable, Sendable {
  package var received: UInt64 = 0
  package var forwardedInbound: UInt64 = 0
  package var forwardedOutbound: UInt64 = 0
  package var answered: UInt64 = 0
  package var consumed: UInt64 = 0
  package var held: UInt64 = 0
  package var receivedBytes: UInt64 = 0
  package var forwardedInboundBytes: UInt64 = 0
  package var forwardedOutboundBytes: UInt64 = 0
  /// Packets dropped for each reason, indexed by `DropReason.rawValue`.
  package var drops = [UInt64](repeating: 0, count: DropReason.allCases.count)
  /// Drops that are in the counters but found no room in a drop ring.
  package var unloggedDrops: UInt64 = 0

  package var dropped: UInt64 { drops.reduce(0, &+) }
}
