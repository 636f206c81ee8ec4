internal import PAP

/// How many dropped inbound packets the rows of the drop log stand for: of each source, and of each
/// source for each host.
///
/// Kept up as rows come and go, so that a table with many rows need not go through the log.
struct DropTally: Sendable {
  private var bySource: [UInt32: UInt64] = [:]
  private var bySourceAndHost: [UInt64: UInt64] = [:]

  /// Packets from the source.
  func count(from source: UInt32) -> UInt64 { bySource[source] ?? 0 }

  /// Packets from all sources in the prefix.
  ///
  /// O(sources that the log remembers) for more than one address.
  func count(from prefix: CIDR) -> UInt64 {
    if prefix.prefixLength == 32 { return count(from: prefix.address.rawValue) }
    return bySource.reduce(0) { sum, source in
      prefix.contains(IPv4Address(rawValue: source.key)) ? sum &+ source.value : sum
    }
  }

  /// Packets from the source of which it was known that they were for the host.
  func count(from source: UInt32, for host: HostIndex) -> UInt64 {
    bySourceAndHost[Self.key(source, host.rawValue)] ?? 0
  }

  /// Adds packets like the one of the record.
  mutating func add(_ record: DropRecord, _ count: UInt64) {
    guard Self.isCounted(record) else { return }
    bySource[record.source, default: 0] &+= count
    guard record.host != 0 else { return }
    bySourceAndHost[Self.key(record.source, record.host), default: 0] &+= count
  }

  /// Takes packets off that were added.
  mutating func remove(_ record: DropRecord, _ count: UInt64) {
    guard Self.isCounted(record) else { return }
    Self.take(count, from: &bySource, record.source)
    guard record.host != 0 else { return }
    Self.take(count, from: &bySourceAndHost, Self.key(record.source, record.host))
  }

  private static func take<Key: Hashable>(
    _ count: UInt64, from counts: inout [Key: UInt64], _ key: Key
  ) {
    guard let old = counts[key] else { return }
    counts[key] = old > count ? old - count : nil
  }

  private static func isCounted(_ record: DropRecord) -> Bool {
    record.hasAddresses && record.direction == .inbound
  }

  private static func key(_ source: UInt32, _ host: UInt16) -> UInt64 {
    UInt64(host) << 32 | UInt64(source)
  }
}
