internal import PAP

/// Who holds which block of ports (pap.md, section 5).
///
/// A port has at most one holder, a host at most one block. The block with the well-known ports is
/// never leased, nor is the one with port 4500: ESP in UDP and IKE of all hosts come there.
struct PortLeases: Sendable {
  /// Blocks are aligned and at least this long, so a row of these units says who has which port.
  private static let unit = PortBlock.leastCount
  private static let unitCount = 65_536 / Int(unit)
  /// Units that nobody gets: those of ports 0 to 1023 and of port 4500 (RFC 3948).
  private static let reserved: Set<Int> = [0, 4500 / Int(unit)]

  private var held: [HostIndex: PortBlock] = [:]
  private var holders = [HostIndex?](repeating: nil, count: unitCount)
  private var remembered: [HostIndex: PortBlock] = [:]
  private(set) var quarantine = Quarantine<Int>()
  private(set) var terms = LeaseTerms<HostIndex>()
  /// When each block was leased; not known of those that the store gave back.
  private var began: [HostIndex: Instant] = [:]
  /// Hosts whose block or its lease has changed.
  var touched = TouchList<HostIndex>()

  /// Ports set aside so that a large block for one host leaves an ordinary one for every other.
  private let fairShare: Int
  /// Hosts that are to be able to get an ordinary block.
  var hostCount: Int

  /// Makes a table for so many hosts, each of which is to be able to get `ordinary` ports.
  init(ordinary: UInt16, hostCount: Int) {
    fairShare = Int(ordinary)
    self.hostCount = hostCount
  }

  /// The number of blocks leased.
  var count: Int { held.count }

  /// The block that the host holds.
  func block(of host: HostIndex) -> PortBlock? { held[host] }

  /// A block that a host without one can have.
  ///
  /// Nil if there is none of that size (a power of two).
  ///
  /// While the block that the host had last is in quarantine, it gets that one and no other, whatever
  /// the size: else one host could put all ports into quarantine. After that, the block with the port
  /// `first` if that is not 0 and the block is to be had, else the one that it had, else any.
  func choice(
    for host: HostIndex, size: UInt16, first: UInt16, using random: inout SeededRandom
  ) -> PortBlock? {
    if let block = quarantined(of: host) { return block }
    guard isFair(size) else { return nil }
    let wished = first == 0 ? nil : PortBlock(first: first & ~(size - 1), count: size)
    let last = remembered[host].flatMap { $0.count == size ? $0 : nil }
    let preferred = [wished, last].compactMap { $0 }
    if let block = preferred.first(where: { isFree($0, for: host) }) { return block }
    return stride(from: 0, through: UInt16.max - (size - 1), by: Int(size))
      .compactMap { PortBlock(first: $0, count: size) }
      .filter { isFree($0, for: host) }
      .randomElement(using: &random)
  }

  /// Leases a free block to a host that has none.
  mutating func grant(
    _ block: PortBlock, to host: HostIndex, until end: UInt64, now: Instant
  ) {
    precondition(held[host] == nil && isFree(block, for: host), "the ports are not to be had")
    held[host] = block
    began[host] = now
    remembered[host] = block
    for unit in units(of: block) {
      holders[unit] = host
      quarantine.end(unit)
    }
    terms.set(host, until: end)
    touched.add(host)
  }

  /// Gives the holder of a block more time, or less.
  mutating func renew(_ host: HostIndex, until end: UInt64) {
    terms.set(host, until: end)
    touched.add(host)
  }

  /// Takes a host's block away and begins its quarantine.
  ///
  /// Nil if the host has none.
  mutating func end(_ host: HostIndex, quarantineUntil: UInt64) -> PortBlock? {
    guard let block = held.removeValue(forKey: host) else { return nil }
    terms.remove(host)
    began[host] = nil
    touched.add(host)
    for unit in units(of: block) {
      holders[unit] = nil
      quarantine.begin(unit, lastHolder: host, until: quarantineUntil)
    }
    return block
  }

  /// Forgets the block that a host had, which it does not hold any more.
  mutating func forget(_ host: HostIndex) {
    precondition(held[host] == nil, "ports that are held are not forgotten")
    if remembered.removeValue(forKey: host) != nil { touched.add(host) }
  }

  /// A host whose lease has run out and is to be ended, or nil.
  mutating func takeExpired(at moment: UInt64) -> HostIndex? {
    quarantine.expire(at: moment)
    return terms.takeExpired(at: moment)
  }

  /// Stops the time of a host's lease.
  mutating func pause(_ host: HostIndex) {
    terms.pause(host)
  }

  /// Lets the time of a host's lease go on that stood still for so many nanoseconds.
  mutating func resume(_ host: HostIndex, after pause: UInt64) {
    terms.resume(host, after: pause)
    touched.add(host)
  }

  private func quarantined(of host: HostIndex) -> PortBlock? {
    remembered[host].flatMap { block in
      units(of: block).allSatisfy { quarantine.lastHolder(of: $0) == host } ? block : nil
    }
  }

  private func isFree(_ block: PortBlock, for host: HostIndex) -> Bool {
    units(of: block).allSatisfy {
      holders[$0] == nil && !quarantine.forbids($0, for: host) && !Self.reserved.contains($0)
    }
  }

  /// Whether the other hosts could still have an ordinary block each.
  ///
  /// An ordinary block is always fair: there may be more hosts than blocks.
  private func isFair(_ size: UInt16) -> Bool {
    let extra = Int(size) - fairShare
    guard extra > 0 else { return true }
    let usable = (Self.unitCount - Self.reserved.count) * Int(Self.unit)
    let extraLeased = held.values.reduce(0) { $0 + max(0, Int($1.count) - fairShare) }
    return hostCount * fairShare + extraLeased + extra <= usable
  }

  private func units(of block: PortBlock) -> Range<Int> {
    let first = Int(block.first / Self.unit)
    return first..<first + Int(block.count / Self.unit)
  }
}

// MARK: Looking

extension PortLeases {
  /// What a stretch of ports is to the hosts.
  enum Use: Hashable, Sendable {
    case leased(HostIndex)
    /// Kept for the host that had it last, nil for one that is known no longer; until a monotonic
    /// moment.
    case quarantined(HostIndex?, until: UInt64)
    /// Never leased.
    case reserved
    case free
  }

  /// All ports in their order, in the stretches that are of one use.
  var map: [(first: UInt16, count: Int, use: Use)] {
    var stretches: [(first: UInt16, count: Int, use: Use)] = []
    for unit in holders.indices {
      let use = use(of: unit)
      if let last = stretches.indices.last, stretches[last].use == use {
        stretches[last].count += Int(Self.unit)
      } else {
        stretches.append((UInt16(unit) * Self.unit, Int(Self.unit), use))
      }
    }
    return stretches
  }

  /// When the host got its block; nil if it has none or that was before the engine started.
  func leaseBegan(of host: HostIndex) -> Instant? { began[host] }

  /// Whether there is nothing left to lease.
  var isExhausted: Bool {
    holders.indices.allSatisfy { holders[$0] != nil || Self.reserved.contains($0) }
  }

  private func use(of unit: Int) -> Use {
    if let holder = holders[unit] { return .leased(holder) }
    if let quarantine = quarantine[unit] {
      return .quarantined(quarantine.lastHolder, until: quarantine.until)
    }
    return Self.reserved.contains(unit) ? .reserved : .free
  }
}

// MARK: Storing

extension PortLeases {
  /// What the store keeps of a host's block; nil if it never had one.
  func stored(of host: HostIndex) -> StoredPorts? {
    remembered[host].map { block in
      StoredPorts(block: block, leaseEnd: held[host] == block ? terms.end(of: host) : nil)
    }
  }

  /// Units whose quarantine has changed since the last call.
  mutating func takeTouchedQuarantine() -> [Int] { quarantine.touched.take() }

  /// Takes a host's block back from the store.
  ///
  /// False if the host has one, or another host has some of it.
  mutating func restore(_ stored: StoredPorts, of host: HostIndex) -> Bool {
    let units = units(of: stored.block)
    guard remembered[host] == nil else { return false }
    if let end = stored.leaseEnd {
      guard units.allSatisfy({ holders[$0] == nil }) else { return false }
      held[host] = stored.block
      for unit in units { holders[unit] = host }
      terms.set(host, until: end)
    }
    remembered[host] = stored.block
    return true
  }

  /// Takes a quarantine back from the store.
  ///
  /// False if the unit does not exist or is held: then there is none.
  mutating func restore(_ stored: StoredQuarantine, on unit: Int) -> Bool {
    guard holders.indices.contains(unit), holders[unit] == nil else { return false }
    quarantine.restore(stored, on: unit)
    return true
  }
}
