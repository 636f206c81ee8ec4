// What was seen of each packet, and what that makes of it.

extension FragmentTable {
  /// Compares a fragment to those before it.
  mutating func fit(_ index: UInt16, _ range: FragmentRange) throws(DropReason) {
    let packet = packets[Int(index)]
    let overlap = coverage.overlap(Int(index), range.units)
    guard !packet.agrees(with: range) || overlap != .none else { return }
    if packet.phase != .whole, !packet.agrees(with: range) || overlap == .part {
      refuse(index, .refused(.fragmentInvalid, host: packet.key.host))
    }
    throw .fragmentInvalid
  }

  /// Remembers a fragment that fits.
  mutating func see(_ index: UInt16, _ range: FragmentRange, now: UInt64) {
    coverage.insert(Int(index), range.units)
    var packet = packets[Int(index)]
    packet.seenUnits += range.units.count
    packet.seenEnd = max(packet.seenEnd, range.end)
    if range.isLast { packet.end = range.end }
    packets[Int(index)] = packet
    if packet.isWhole { finish(index, now: now) }
  }

  /// Nothing more is to come; for a while copies may.
  private mutating func finish(_ index: UInt16, now: UInt64) {
    uncharge(index)
    setPhase(index, .whole)
    waiting.remove(index, in: packets)
    packets[Int(index)].expires = now + limits.memory
    whole.append(index, in: packets)
  }

  mutating func refuse(_ index: UInt16, _ ruling: FragmentRuling) {
    settle(index, .refused, ruling)
  }

  mutating func settle(
    _ index: UInt16, _ phase: FragmentedPacket.Phase, _ ruling: FragmentRuling
  ) {
    setPhase(index, phase)
    packets[Int(index)].ruling = ruling
    release(index, ruling)
  }

  mutating func release(_ index: UInt16, _ ruling: FragmentRuling) {
    var queue = packets[Int(index)].held
    let chunks = held.release(&queue, ruling)
    packets[Int(index)].held = queue
    if chunks > 0 { accounts.remove(chunks: chunks, packets[Int(index)].payer) }
  }

  mutating func setPhase(_ index: UInt16, _ phase: FragmentedPacket.Phase) {
    switch packets[Int(index)].phase {
    case .undecided: undecidedCount -= 1
    case .refused: refusedCount -= 1
    case .free, .admitted, .whole: break
    }
    switch phase {
    case .undecided: undecidedCount += 1
    case .refused: refusedCount += 1
    case .free, .admitted, .whole: break
    }
    packets[Int(index)].phase = phase
  }
}
