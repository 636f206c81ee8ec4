import Net
import PAP
import Testing

@testable import Host

/// What the router should hold for the associations in the kernel.
@Suite struct KernelSASetTests {
  private static let local = address("198.51.100.1")
  private static let peer = address("192.0.2.10")

  private static func inbound(
    _ spi: UInt32, _ ipsecProtocol: IPsecProtocol = .esp, from source: IPv4Address = peer,
    request: UInt32 = 7
  ) -> KernelSA {
    KernelSA(
      id: KernelSA.ID(
        destination: local, ipsecProtocol: ipsecProtocol, spi: SPI(rawValue: spi)),
      source: source, requestID: request)
  }

  private static func outbound(
    _ spi: UInt32, _ ipsecProtocol: IPsecProtocol = .esp, request: UInt32 = 7
  ) -> KernelSA {
    KernelSA(
      id: KernelSA.ID(destination: peer, ipsecProtocol: ipsecProtocol, spi: SPI(rawValue: spi)),
      source: local, requestID: request)
  }

  struct Scenario: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let events: [KernelSAEvent]
    let entries: Set<Entry>

    init(_ name: String, _ events: [KernelSAEvent], _ entries: Set<Entry>) {
      testDescription = name
      self.events = events
      self.entries = entries
    }
  }

  static let every = entry("192.0.2.10")
  static let scenarios = [
    Scenario("nothing", [], []),
    Scenario(
      "both directions",
      [.added(inbound(0x10001)), .added(outbound(0xc1))],
      [every, entry("192.0.2.10", in: 0x10001, out: 0xc1)]),
    Scenario(
      "the outbound one first, as most daemons install them",
      [.added(outbound(0xc1)), .added(inbound(0x10001))],
      [every, entry("192.0.2.10", in: 0x10001, out: 0xc1)]),
    Scenario(
      "inbound alone", [.added(inbound(0x10001))], [every, entry("192.0.2.10", in: 0x10001)]),
    Scenario("outbound alone", [.added(outbound(0xc1))], []),
    Scenario(
      "another policy's outbound one is not its own",
      [.added(inbound(0x10001)), .added(outbound(0xc1, request: 8))],
      [every, entry("192.0.2.10", in: 0x10001)]),
    Scenario(
      "a rekeying: the newest outbound one counts",
      [
        .added(inbound(0x10001)), .added(outbound(0xc1)), .added(inbound(0x10002)),
        .added(outbound(0xc2)),
      ],
      [
        every, entry("192.0.2.10", in: 0x10001, out: 0xc2),
        entry("192.0.2.10", in: 0x10002, out: 0xc2),
      ]),
    Scenario(
      "the old pair goes",
      [
        .added(inbound(0x10001)), .added(outbound(0xc1)), .added(inbound(0x10002)),
        .added(outbound(0xc2)), .removed(inbound(0x10001).id), .removed(outbound(0xc1).id),
      ], [every, entry("192.0.2.10", in: 0x10002, out: 0xc2)]),
    Scenario(
      "an update adds nothing",
      [.added(inbound(0x10001)), .added(inbound(0x10001)), .removed(inbound(0x10001).id)], []),
    Scenario(
      "a flush of one protocol",
      [.added(inbound(0x10001)), .added(inbound(0x10002, .ah)), .flushed(.esp)],
      [entry("192.0.2.10", .ah), entry("192.0.2.10", .ah, in: 0x10002)]),
    Scenario(
      "a flush of all", [.added(inbound(0x10001)), .added(inbound(0x10002, .ah)), .flushed(nil)],
      []),
    Scenario(
      "an association from anybody",
      [.added(inbound(0x10001, from: IPv4Address(rawValue: 0)))], []),
    Scenario(
      "for another address of this host",
      [
        .added(
          KernelSA(
            id: KernelSA.ID(
              destination: address("10.0.0.11"), ipsecProtocol: .esp, spi: SPI(rawValue: 0x10001)),
            source: peer, requestID: 7))
      ], []),
  ]

  @Test(arguments: scenarios)
  func `events end in what should be held`(scenario: Scenario) {
    var set = KernelSASet()
    for event in scenario.events { set.apply(event) }
    #expect(Set(set.entries(at: Self.local).values) == scenario.entries)
  }

  @Test func `a list replaces what is known, and what is older than it does no harm`() {
    var set = KernelSASet()
    set.apply(.added(Self.inbound(0x10001)))
    set.replace(by: [Self.inbound(0x10002), Self.outbound(0xc2)])
    let wanted: Set = [Self.every, entry("192.0.2.10", in: 0x10002, out: 0xc2)]
    #expect(Set(set.entries(at: Self.local).values) == wanted)
    // Events that waited at the socket while the list was made.
    set.apply(.added(Self.inbound(0x10001)))
    set.apply(.removed(Self.inbound(0x10001).id))
    set.apply(.added(Self.inbound(0x10002)))
    #expect(Set(set.entries(at: Self.local).values) == wanted)
  }

  @Test func `associations from anybody are named`() {
    var set = KernelSASet()
    set.apply(.added(Self.inbound(0x10001, from: IPv4Address(rawValue: 0))))
    set.apply(.added(Self.inbound(0x10002)))
    #expect(set.fromAnybody(at: Self.local).map(\.spi) == [SPI(rawValue: 0x10001)])
  }
}
