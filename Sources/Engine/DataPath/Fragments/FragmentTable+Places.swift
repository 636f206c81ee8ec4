// The places that packets have in the table: chains of a hash, and a list of those that are free.

extension FragmentTable {
  private func chain(_ key: FragmentKey) -> Int {
    Int(truncatingIfNeeded: key.hash(seed: seed) & UInt64(chains.count - 1))
  }

  mutating func find(_ key: FragmentKey, now: UInt64) -> UInt16? {
    var index = chains[chain(key)]
    while index != Self.none, packets[Int(index)].key != key { index = packets[Int(index)].next }
    guard index != Self.none else { return nil }
    // Those whole are not looked after by `expire`.
    guard packets[Int(index)].expires > now else {
      forget(index)
      return nil
    }
    return index
  }

  /// A place for a packet that is not known, undecided.
  mutating func make(
    _ key: FragmentKey, payer: FragmentAccounts.ID, now: UInt64
  ) throws(DropReason) -> UInt16 {
    if firstFree == Self.none, whole.oldest != Self.none { forget(whole.oldest) }
    let index = firstFree
    guard index != Self.none, accounts.addPacket(payer) else { throw .fragmentOverflow }
    firstFree = packets[Int(index)].next
    var packet = FragmentedPacket()
    packet.key = key
    packet.payer = payer
    packet.expires = now + limits.lifetime
    let chain = chain(key)
    packet.next = chains[chain]
    chains[chain] = index
    packets[Int(index)] = packet
    setPhase(index, .undecided)
    waiting.append(index, in: packets)
    return index
  }

  /// Gives the place back.
  mutating func forget(_ index: UInt16) {
    let packet = packets[Int(index)]
    if packet.phase == .whole {
      whole.remove(index, in: packets)
    } else {
      uncharge(index)
      waiting.remove(index, in: packets)
    }
    let chain = chain(packet.key)
    if chains[chain] == index {
      chains[chain] = packet.next
    } else {
      var before = chains[chain]
      while packets[Int(before)].next != index { before = packets[Int(before)].next }
      packets[Int(before)].next = packet.next
    }
    setPhase(index, .free)
    let unit = FragmentRange.unit
    coverage.clear(Int(index), below: (packet.seenEnd + unit - 1) / unit)
    packets[Int(index)].next = firstFree
    firstFree = index
  }

  func uncharge(_ index: UInt16) {
    accounts.removePacket(packets[Int(index)].payer)
    if let recipient = packets[Int(index)].recipient { accounts.removePacket(recipient) }
  }
}
