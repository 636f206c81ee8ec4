import PAP
import Testing

@testable import Engine

/// Which entries a host can have, how long they live, and what removes them.
@Suite struct ValidationTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let name: String
    var peer = "192.0.2.10"
    var ipsecProtocol = IPsecProtocol.esp
    var spi: UInt32?
    let code: ResultCode
    var testDescription: String { "\(name): \(code)" }
  }

  @Test(
    "an entry is taken or refused with its code (pap.md, sections 5 and 6)",
    arguments: [
      Vector(name: "every SPI", code: .success),
      Vector(name: "AH", ipsecProtocol: .ah, code: .success),
      Vector(name: "both protocols", ipsecProtocol: .any, code: .success),
      Vector(name: "the first SPI of the slot", spi: 0x7c01_0000, code: .success),
      Vector(name: "the last SPI of the slot", spi: 0x7c01_ffff, code: .success),
      Vector(name: "the SPI before the slot", spi: 0x7c00_ffff, code: .notYours),
      Vector(name: "the SPI after the slot", spi: 0x7c02_0000, code: .notYours),
      Vector(name: "a reserved SPI", spi: 255, code: .notYours),
      Vector(name: "this network", peer: "0.1.2.3", code: .unacceptableAddress),
      Vector(name: "past this network", peer: "1.0.0.0", code: .success),
      Vector(name: "loopback", peer: "127.0.0.1", code: .unacceptableAddress),
      Vector(name: "past loopback", peer: "128.0.0.0", code: .success),
      Vector(name: "before multicast", peer: "223.255.255.255", code: .success),
      Vector(name: "multicast", peer: "224.0.0.1", code: .unacceptableAddress),
      Vector(name: "class E", peer: "240.0.0.1", code: .unacceptableAddress),
      Vector(name: "broadcast", peer: "255.255.255.255", code: .unacceptableAddress),
      Vector(name: "the shared address", peer: "198.51.100.1", code: .unacceptableAddress),
      Vector(name: "next to it", peer: "198.51.100.2", code: .success),
      Vector(name: "an inside host", peer: "10.0.0.12", code: .unacceptableAddress),
      Vector(name: "past the inside network", peer: "10.0.1.0", code: .success),
      Vector(name: "a revoked address", peer: "192.0.2.66", code: .prohibited),
      Vector(name: "in a revoked prefix", peer: "203.0.113.9", code: .prohibited),
      Vector(name: "next to a revoked prefix", peer: "203.0.113.16", code: .success),
      Vector(name: "revoked for another host", peer: "192.0.2.77", code: .success),
    ])
  func code(_ vector: Vector) throws {
    let lab = RouterLab()
    let host = try #require(TestHost(0, in: lab))
    lab.order(.revoke(prefix("192.0.2.66"), host: "hosta", by: "root"))
    lab.order(.revoke(prefix("203.0.113.0/28"), by: "root"))
    lab.order(.revoke(prefix("192.0.2.77"), host: "hostb", by: "root"))
    let spi = vector.spi.map(SPI.init(rawValue:))
    #expect(host.validate(vector.peer, vector.ipsecProtocol, spi: spi) != .success)
    #expect(host.lease(slot: 0x7c01)?.rawValue == 0x7c01)
    #expect(host.validate(vector.peer, vector.ipsecProtocol, spi: spi) == vector.code)
    #expect(lab.table.entries.count == (vector.code == .success ? 1 : 0))
  }

  struct Removal: CustomTestStringConvertible, Sendable {
    let name: String
    let ipsecProtocol: IPsecProtocol
    let spi: UInt32?
    /// What is left of what `all` lists, by place.
    let left: [Int]
    var testDescription: String { name }
  }

  private static let all: [(IPsecProtocol, UInt32?)] = [
    (.esp, nil), (.ah, nil), (.any, nil), (.esp, 0x7c01_0001), (.ah, 0x7c01_0001),
    (.any, 0x7c01_0001), (.esp, 0x7c01_0002),
  ]

  @Test(
    "invalidating removes what it names (pap.md, section 5)",
    arguments: [
      Removal(name: "all of it", ipsecProtocol: .any, spi: nil, left: []),
      Removal(name: "all ESP", ipsecProtocol: .esp, spi: nil, left: [1, 2, 4, 5]),
      Removal(name: "all AH", ipsecProtocol: .ah, spi: nil, left: [0, 2, 3, 5, 6]),
      Removal(
        name: "one SPI for ESP", ipsecProtocol: .esp, spi: 0x7c01_0001, left: [0, 1, 2, 4, 5, 6]),
      Removal(
        name: "one SPI for both", ipsecProtocol: .any, spi: 0x7c01_0001, left: [0, 1, 2, 6]),
      Removal(
        name: "an SPI that is not there", ipsecProtocol: .esp, spi: 0x7c01_0009,
        left: [0, 1, 2, 3, 4, 5, 6]),
      Removal(
        name: "an SPI of nobody's", ipsecProtocol: .esp, spi: 5, left: [0, 1, 2, 3, 4, 5, 6]),
    ])
  func removal(_ vector: Removal) throws {
    let lab = RouterLab()
    let host = try #require(TestHost(0, in: lab))
    let other = try #require(TestHost(1, in: lab))
    _ = host.lease(slot: 0x7c01)
    _ = other.lease()
    _ = other.validate("192.0.2.10", .any)
    _ = host.validate("192.0.2.11", .any)
    for (ipsecProtocol, spi) in Self.all {
      let code = host.validate(
        "192.0.2.10", ipsecProtocol, spi: spi.map(SPI.init(rawValue:)))
      #expect(code == .success)
    }
    let spi = vector.spi.map(SPI.init(rawValue:))
    for _ in 1...2 {
      let code = host.invalidate("192.0.2.10", vector.ipsecProtocol, spi: spi)
      #expect(code == .success)
      let left = vector.left.map { place in
        let entry = Entry(
          address: address("192.0.2.10"), ipsecProtocol: Self.all[place].0,
          spiIn: Self.all[place].1.map(SPI.init(rawValue:)))
        return "hosta \(entry.label)"
      }
      let others = ["hosta 192.0.2.11 any any SPI", "hostb 192.0.2.10 any any SPI"]
      #expect(lab.entries == (left + others).sorted())
      #expect(lab.table == lab.claimedTable)
    }
  }

  @Test func `an entry lives for its own time, or as long as the lease`() throws {
    let lab = RouterLab()
    let host = try #require(TestHost(0, in: lab))
    _ = host.lease(seconds: 1000)
    _ = host.validate("192.0.2.1", seconds: 300)
    _ = host.validate("192.0.2.2")
    lab.wait(seconds: 200)
    _ = host.validate("192.0.2.3", seconds: 300)
    _ = host.lease(seconds: 1000)
    lab.wait(seconds: 100)
    lab.step(.tick)
    #expect(lab.entries.count == 2)
    _ = host.validate("192.0.2.3", seconds: 600)
    lab.wait(seconds: 599)
    lab.step(.tick)
    #expect(lab.entries.count == 2)
    lab.wait(seconds: 1)
    lab.step(.tick)
    #expect(lab.entries == ["hosta 192.0.2.2 esp any SPI"])
    lab.wait(seconds: 300)
    lab.step(.tick)
    #expect(lab.entries.isEmpty && lab.table.slots.isEmpty)
  }

  @Test func `validating again refreshes, and learns the outbound SPI`() throws {
    let lab = RouterLab()
    let host = try #require(TestHost(0, in: lab))
    _ = host.lease()
    _ = host.validate("192.0.2.1")
    let changes = lab.table
    _ = host.validate("192.0.2.1")
    #expect(lab.table == changes)
    _ = host.validate("192.0.2.1", spiOut: SPI(rawValue: 0xbeef))
    _ = host.validate("192.0.2.1")
    #expect(lab.state.entries.map(\.entry.spiOut) == [SPI(rawValue: 0xbeef)])
    #expect(lab.table == lab.claimedTable && lab.table.entries.count == 1)
  }

  @Test func `a host has so many entries and no more, whatever others have`() throws {
    let lab = RouterLab { $0.limits.entries = 3 }
    let host = try #require(TestHost(0, in: lab))
    let other = try #require(TestHost(1, in: lab))
    _ = host.lease()
    _ = other.lease()
    for last in 1...3 { #expect(host.validate("192.0.2.\(last)") == .success) }
    #expect(host.validate("192.0.2.4") == .quotaExceeded)
    #expect(host.validate("192.0.2.3") == .success)
    #expect(other.validate("192.0.2.4") == .success)
    #expect(host.invalidate("192.0.2.1") == .success)
    #expect(host.validate("192.0.2.4") == .success)
  }

  @Test func `the table is never fuller than the data path can hold`() throws {
    let lab = RouterLab { $0.entryCapacity = 2 }
    let host = try #require(TestHost(0, in: lab))
    _ = host.lease()
    #expect(host.validate("192.0.2.1") == .success)
    #expect(host.validate("192.0.2.2") == .success)
    #expect(host.validate("192.0.2.3") == .noResources)
    #expect(host.invalidate("192.0.2.1") == .success)
    #expect(host.validate("192.0.2.3") == .success)
    #expect(lab.state.entries.allSatisfy { $0.id.rawValue < 2 })
  }

  @Test func `numbers of rows that one step removed are not given out in it`() throws {
    let lab = RouterLab { $0.entryCapacity = 2 }
    let host = try #require(TestHost(0, in: lab))
    _ = host.lease()
    _ = host.validate("192.0.2.1")
    _ = host.validate("192.0.2.2")
    func entry(_ text: String) -> Entry { Entry(address: address(text), ipsecProtocol: .esp) }
    let events = [
      host.sealed(.addressInvalidate, [.invalidAddress(entry("192.0.2.1"))]),
      host.sealed(.addressValidate, [.validAddress(entry("192.0.2.3"))]),
    ].map { Event.datagram($0, from: host.source, to: RouterLab.local) }
    let effects = lab.state.step(events, now: lab.now)
    let inserted = effects.contains { if case .table(.insertEntry) = $0 { true } else { false } }
    #expect(!inserted)
    #expect(lab.state.entryCount == 1)
    #expect(host.validate("192.0.2.3") == .success)
  }
}
