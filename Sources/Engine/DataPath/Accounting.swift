/// Books each packet that a worker read under exactly one exit, and leaves a record of each drop.
struct Accounting {
  let counters: CounterBank
  let drops: DropRing

  /// Fetches the counters of the row that admitted a packet, while others of the batch are decided.
  @inline(__always)
  func prefetch(_ decision: Decision) {
    if let entry = decision.entry { counters.prefetch(entry: entry) }
  }

  /// Books the packet that was received and decided so.
  ///
  /// `written` says whether the kernel took what the verdict had to write.
  @inline(__always)
  func book(_ decision: Decision, received: PacketBytes, written: Bool, now: UInt64) {
    counters.add(.received, 1)
    counters.add(.receivedBytes, received.count)
    if decision.direction == .outbound, decision.host != 0 {
      counters.see(host: decision.host, now: now)
    }
    bookExit(decision, received, written, now)
  }

  /// Books a fragment that waited, with what became of it in the end.
  func bookReleased(
    _ decision: Decision, received: PacketBytes, written: Bool, now: UInt64
  ) {
    counters.add(.held, -1)
    bookExit(decision, received, written, now)
  }

  @inline(__always)
  private func bookExit(
    _ decision: Decision, _ received: PacketBytes, _ written: Bool, _ now: UInt64
  ) {
    switch decision.verdict {
    case .forward where written, .forwardPieces where written: bookForwarded(decision, now)
    case .answer where written: counters.add(.answered, 1)
    case .hold: counters.add(.held, 1)
    case .forward, .forwardPieces, .answer: bookDrop(.writeFailed, decision, received, now)
    case .consume: counters.add(.consumed, 1)
    case .drop(let reason, _): bookDrop(reason, decision, received, now)
    }
  }

  @inline(__always)
  private func bookForwarded(_ decision: Decision, _ now: UInt64) {
    let bytes = Int(decision.packetLength)
    if decision.direction == .inbound {
      counters.add(.forwardedInbound, 1)
      counters.add(.forwardedInboundBytes, bytes)
    } else {
      counters.add(.forwardedOutbound, 1)
      counters.add(.forwardedOutboundBytes, bytes)
    }
    counters.addPacket(ofHost: decision.host, bytes: bytes)
    if let entry = decision.entry { counters.addPacket(ofEntry: entry, bytes: bytes, now: now) }
  }

  private func bookDrop(
    _ reason: DropReason, _ decision: Decision, _ received: PacketBytes, _ now: UInt64
  ) {
    counters.addDrop(reason)
    if decision.host != 0 {
      counters.addDrop(ofHost: decision.host, isViolation: reason.isViolation(decision.direction))
    }
    let logged = drops.push(
      DropRecord(
        describing: received.dropFirst(Int(decision.packetOffset)), reason: reason,
        direction: decision.direction, host: decision.host, now: now))
    if !logged { counters.add(.unloggedDrops, 1) }
  }
}
