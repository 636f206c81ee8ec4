internal import Synchronization

/// The fragments of both directions, of all workers.
///
/// Shared, since the kernel does not promise that the fragments of a packet come to one worker. It
/// picks a queue by a hash of the addresses and the protocol only, first fragment or not, which
/// would do; but it prefers the queue to which a packet with that hash was last written (`tun_flow`,
/// drivers/net/tun.c). A worker that cuts a packet into fragments writes such ones, whatever queue
/// the packet came from, so the kernel's choice may change between two fragments, and it changes
/// back when three seconds are over. Packets that are no fragments never come here.
///
/// Invariant for `Sendable`: both tables are used under the lock only. No lock is taken within it,
/// and nobody calls the system within it.
final class SharedFragments: @unchecked Sendable {
  private let lock = Mutex<Void>(())
  private var inbound: FragmentTable
  private var outbound: FragmentTable
  /// When somebody has to call `take`: 0 for now.
  private let nextEvent = Atomic<UInt64>(.max)

  /// A fragment whose wait is over.
  struct Released {
    let length: Int
    let direction: Direction
    let ruling: FragmentRuling
  }

  init(limits: FragmentLimits = FragmentLimits(), seed: UInt64) {
    inbound = FragmentTable(limits, seed: seed)
    outbound = FragmentTable(limits, seed: ~seed)
  }

  /// When `take` has something to hand over, monotonic nanoseconds; `.max` for never.
  var attention: UInt64 { nextEvent.load(ordering: .relaxed) }

  /// The first fragment of an inbound packet may pass to a host.
  func admitInbound(
    _ key: FragmentKey, _ range: FragmentRange, to recipient: Recipient, host: UInt16, now: UInt64
  ) throws(DropReason) {
    try lock.withLock { _ throws(DropReason) in
      defer { noteEvent() }
      try inbound.admit(
        key, range, .admitted(recipient), payer: inbound.account(ofSource: key.address),
        recipient: .host(host), now: now)
    }
  }

  /// The first fragment of a host's packet may pass; `recipient` is another host, if it is for one.
  func admitOutbound(
    _ key: FragmentKey, _ range: FragmentRange, to recipient: Recipient?, now: UInt64
  ) throws(DropReason) {
    try lock.withLock { _ throws(DropReason) in
      defer { noteEvent() }
      try outbound.admit(
        key, range, .admitted(recipient), payer: .host(key.host), recipient: nil, now: now)
    }
  }

  /// The first fragment of an inbound packet may not pass.
  func refuseInbound(
    _ key: FragmentKey, _ range: FragmentRange, _ reason: DropReason, host: UInt16, now: UInt64
  ) {
    lock.withLock { _ in
      defer { noteEvent() }
      inbound.refuse(
        key, range, reason, host: host, payer: inbound.account(ofSource: key.address), now: now)
    }
  }

  /// The first fragment of a host's packet may not pass.
  func refuseOutbound(
    _ key: FragmentKey, _ range: FragmentRange, _ reason: DropReason, now: UInt64
  ) {
    lock.withLock { _ in
      defer { noteEvent() }
      outbound.refuse(key, range, reason, host: key.host, payer: .host(key.host), now: now)
    }
  }

  /// What was decided for a later inbound fragment, or nil if it waits now.
  func followInbound(
    _ key: FragmentKey, _ range: FragmentRange, _ received: PacketBytes, now: UInt64
  ) throws(DropReason) -> FragmentRuling? {
    try lock.withLock { _ throws(DropReason) in
      defer { noteEvent() }
      return try inbound.follow(
        key, range, received, payer: inbound.account(ofSource: key.address), now: now)
    }
  }

  /// What was decided for a later fragment of a host, or nil if it waits now.
  func followOutbound(
    _ key: FragmentKey, _ range: FragmentRange, _ received: PacketBytes, now: UInt64
  ) throws(DropReason) -> FragmentRuling? {
    try lock.withLock { _ throws(DropReason) in
      defer { noteEvent() }
      return try outbound.follow(key, range, received, payer: .host(key.host), now: now)
    }
  }

  /// Copies a fragment whose wait is over, by a decision or by time, to a buffer.
  func take(into buffer: PacketBytes, now: UInt64) -> Released? {
    lock.withLock { _ in
      defer { noteEvent() }
      inbound.expire(now: now)
      outbound.expire(now: now)
      if let (length, ruling) = inbound.take(into: buffer) {
        return Released(length: length, direction: .inbound, ruling: ruling)
      }
      return outbound.take(into: buffer).map {
        Released(length: $0.length, direction: .outbound, ruling: $0.ruling)
      }
    }
  }

  private func noteEvent() {
    let isNow = inbound.hasReleased || outbound.hasReleased
    let next = isNow ? 0 : min(inbound.nextExpiry, outbound.nextExpiry)
    nextEvent.store(next, ordering: .relaxed)
  }
}
