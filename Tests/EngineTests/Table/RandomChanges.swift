import PAP

@testable import Engine

/// Changes to a forwarding table as `RouterState` might make them, by a seed.
struct RandomChanges {
  private var random: QuickRandom
  private let capacity: Int
  private let addresses: Int
  /// Numbers of rows that are gone, but not yet past the barrier.
  private var resting: Set<UInt32> = []

  private static let hosts = 6
  private static let slots = 8

  init(seed: UInt64, capacity: Int, addresses: Int) {
    random = QuickRandom(seed: seed)
    self.capacity = capacity
    self.addresses = addresses
  }

  mutating func address() -> UInt32 { 0xc000_0200 &+ UInt32(random.below(addresses)) }
  mutating func spi() -> UInt32 {
    UInt32(0x1000 + random.below(Self.slots)) << 16 | UInt32(random.below(6))
  }
  /// One of few SPIs of a slot, or one in no slot, of which there are so many that their array grows.
  mutating func claimedSPI() -> UInt32 {
    random.below(2) == 0 ? spi() : 0x5555_0000 &+ UInt32(random.below(addresses))
  }
  mutating func outboundSPI() -> UInt32 { 0x7777_0000 &+ UInt32(random.below(4)) }
  mutating func port() -> UInt16 { UInt16(random.below(65_536)) }
  mutating func hostNumber() -> Int { 1 + random.below(Self.hosts) }

  /// The next change, or nil for "everyone past it".
  mutating func next(_ model: NaiveTable) -> TableChange? {
    switch random.below(100) {
    case 0..<3:
      resting.removeAll()
      return nil
    case 3..<5: return setHost(model)
    case 5..<9: return slot()
    case 9..<12: return claim()
    case 12..<16: return ports()
    case 16..<22: return .insertRevocation(prefix(), random.below(2) == 0 ? nil : host())
    case 22..<28: return .removeRevocation(prefix(), random.below(2) == 0 ? nil : host())
    case 28..<62: return removal()
    default: return insertion(model)
    }
  }

  private mutating func host() -> HostIndex { HostIndex(rawValue: UInt16(hostNumber())) }

  /// Each host has three inside addresses to choose from, that no other has.
  private mutating func setHost(_ model: NaiveTable) -> TableChange {
    let host = host()
    let address = 0x0a00_0000 + UInt32(host.rawValue) * 3 + UInt32(random.below(3))
    return .setHost(
      host, insideAddress: IPv4Address(rawValue: address), suspended: random.below(3) == 0)
  }

  private mutating func slot() -> TableChange? {
    guard let slot = SPI(rawValue: spi()).slot else { return nil }
    return .setSlot(slot, random.below(4) == 0 ? nil : host())
  }

  private mutating func claim() -> TableChange {
    .setClaim(SPI(rawValue: claimedSPI()), random.below(4) == 0 ? nil : host())
  }

  private mutating func ports() -> TableChange? {
    let count = UInt16(1024) << UInt16(random.below(4))
    let first = UInt16(random.below(65_536 / Int(count))) * count
    guard let block = PortBlock(first: first, count: count) else { return nil }
    return .setPorts(block, random.below(3) == 0 ? nil : host())
  }

  private mutating func prefix() -> CIDR {
    let lengths = [0, 1, 24, 28, 31, 32, 32, 32]
    return CIDR(
      IPv4Address(rawValue: address()), prefixLength: lengths[random.below(lengths.count)])
  }

  private mutating func removal() -> TableChange {
    let id = UInt32(random.below(capacity))
    resting.insert(id)
    return .removeEntry(EntryID(rawValue: id))
  }

  private mutating func insertion(_ model: NaiveTable) -> TableChange? {
    let (id, host) = (UInt32(random.below(capacity)), host())
    guard model.rows[id] == nil, !resting.contains(id), model.hosts[host.rawValue] != nil else {
      return setHost(model)
    }
    let entry = Entry(
      address: IPv4Address(rawValue: address()),
      ipsecProtocol: IPsecProtocol.allCases[random.below(3)],
      spiIn: random.below(3) == 0 ? nil : SPI(rawValue: spi()),
      spiOut: random.below(3) == 0 ? nil : SPI(rawValue: outboundSPI()))
    return .insertEntry(EntryID(rawValue: id), host, entry)
  }
}
