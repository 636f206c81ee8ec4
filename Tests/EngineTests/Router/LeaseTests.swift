import PAP
import Testing

@testable import Engine

/// Slots and port blocks: who gets which, until when, and who gets them next.
@Suite struct LeaseTests {
  @Test func `a lease ends when its time is over, and everything that rests on it`() throws {
    let lab = RouterLab()
    let host = try #require(TestHost(0, in: lab))
    let slot = try #require(host.lease(seconds: 200))
    let block = try #require(host.leasePorts(seconds: 300))
    #expect(host.validate("192.0.2.10") == .success)
    lab.wait(seconds: 199.999)
    lab.step(.tick)
    #expect(lab.table.slots == [slot: HostIndex(rawValue: 1)] && lab.entries.count == 1)
    #expect(lab.state.nextDeadline == lab.now.monotonic + 1_000_000)
    lab.wait(seconds: 0.001)
    lab.step(.tick)
    #expect(lab.table.slots.isEmpty && lab.table.entries.isEmpty && lab.entries.isEmpty)
    #expect(lab.table.ports == [block: HostIndex(rawValue: 1)])
    #expect(host.validate("192.0.2.10") == .notYours)
    lab.wait(seconds: 100)
    lab.step(.tick)
    #expect(lab.table.ports.isEmpty)
  }

  @Test func `a lease is given back whole or not at all`() throws {
    let lab = RouterLab()
    let host = try #require(TestHost(0, in: lab))
    let slot = try #require(host.lease(seconds: 200))
    let block = try #require(host.leasePorts(seconds: 200))
    #expect(host.giveBackClaim(slot.firstSPI.rawValue) == .notYours)
    let half = Message.Option.ports(first: block.first, count: block.count / 2)
    #expect(host.ask(.portInvalidate, [half])?.code == .notYours)
    #expect(lab.table.slots.count == 1 && lab.table.ports.count == 1)
    #expect(host.giveBack(slot) == .success && host.giveBack(block) == .success)
    #expect(lab.table.slots.isEmpty && lab.table.ports.isEmpty)
  }

  @Test func `asking again is a longer lease of the same`() throws {
    let lab = RouterLab()
    let host = try #require(TestHost(0, in: lab))
    let slot = host.lease(seconds: 200)
    let block = host.leasePorts(seconds: 200)
    lab.wait(seconds: 150)
    #expect(host.lease(slot: 99, seconds: 200) == slot)
    #expect(host.leasePorts(first: 2048, count: 4096, seconds: 200) == block)
    lab.wait(seconds: 199)
    lab.step(.tick)
    #expect(lab.table.slots.count == 1 && lab.table.ports.count == 1)
    lab.wait(seconds: 1)
    lab.step(.tick)
    #expect(lab.table.slots.isEmpty && lab.table.ports.isEmpty)
  }

  struct Lifetime: CustomTestStringConvertible, Sendable {
    let asked: UInt32?
    let granted: UInt32
    var testDescription: String { "\(asked.map(String.init) ?? "nothing") gives \(granted)" }
  }

  @Test(
    "a lifetime is granted within 120 and 86,400 (pap.md, section 5)",
    arguments: [
      Lifetime(asked: nil, granted: 3600), Lifetime(asked: 0, granted: 120),
      Lifetime(asked: 119, granted: 120), Lifetime(asked: 121, granted: 121),
      Lifetime(asked: 86_400, granted: 86_400), Lifetime(asked: 86_401, granted: 86_400),
      Lifetime(asked: .max, granted: 86_400),
    ])
  func lifetime(_ vector: Lifetime) throws {
    let lab = RouterLab()
    let host = try #require(TestHost(0, in: lab))
    let asked = vector.asked.map { [Message.Option.lifetime($0)] } ?? []
    #expect(host.ask(.securityRequest, asked)?.lifetime == vector.granted)
    #expect(host.ask(.portRequest, asked)?.lifetime == vector.granted)
  }

  @Test func `a host gets its slot back, another only after the quarantine`() throws {
    let lab = RouterLab()
    let first = try #require(TestHost(0, in: lab))
    let second = try #require(TestHost(1, in: lab))
    let slot = try #require(first.lease(slot: 77))
    #expect(slot.rawValue == 77)
    #expect(first.giveBack(slot) == .success)
    #expect(first.lease() == slot)
    #expect(first.giveBack(slot) == .success)
    lab.wait(seconds: 599.999)
    let other = try #require(second.lease(slot: 77))
    #expect(other != slot)
    // Whatever it asks for, it gets back what it had.
    #expect(second.giveBack(other) == .success)
    lab.wait(seconds: 0.001)
    #expect(second.lease(slot: 77) == other)
    lab.wait(seconds: 10_000)
    #expect(first.lease() == slot)
  }

  @Test func `a slot is free for others after the quarantine`() throws {
    let lab = RouterLab()
    let first = try #require(TestHost(0, in: lab))
    let second = try #require(TestHost(1, in: lab))
    let slot = try #require(first.lease(slot: 77))
    #expect(first.giveBack(slot) == .success)
    lab.wait(seconds: 600)
    #expect(second.lease(slot: 77) == slot)
    #expect(try #require(first.lease(slot: 77)) != slot)
  }

  @Test func `slots are drawn from all of them, and never 0`() throws {
    var drawn: Set<UInt16> = []
    for seed in 0..<40 {
      let lab = RouterLab(seed: UInt64(seed))
      let host = try #require(TestHost(0, in: lab))
      drawn.insert(try #require(host.lease()).rawValue)
    }
    #expect(drawn.count > 35)
    #expect(drawn.contains { $0 < 0x8000 } && drawn.contains { $0 >= 0x8000 })
  }

  @Test func `a slot that a host can come back to is drawn for no other`() {
    var leases = SlotLeases()
    var random = SeededRandom(seed: 1)
    for number in UInt16.min..<UInt16.max - 1 {
      guard let slot = Slot(rawValue: number + 1) else { continue }
      let host = HostIndex(rawValue: number + 1)
      leases.grant(slot, to: host, until: 1)
      _ = leases.end(host, quarantineUntil: 2)
    }
    #expect(leases.takeExpired(at: 2) == nil && leases.quarantine.count == 0)
    let last = HostIndex(rawValue: .max)
    #expect(
      leases.choice(for: last, wish: nil, claims: ClaimedSPIs(), using: &random)?.rawValue == .max)
    #expect(
      leases.choice(
        for: last, wish: Slot(rawValue: 5), claims: ClaimedSPIs(), using: &random)?.rawValue == 5)
  }

  struct PortWish: CustomTestStringConvertible, Sendable {
    let name: String
    var first: UInt16 = 0
    var count: UInt16 = 0
    var strictly = false
    /// First (0 for any) and count, or nil for `no-resources`.
    let want: (first: UInt16, count: UInt16)?
    var testDescription: String { name }
  }

  @Test(
    "ports are granted as pap.md, section 5, says",
    arguments: [
      PortWish(name: "none in particular", want: (0, 1024)),
      PortWish(name: "one", count: 1, want: (0, 1024)),
      PortWish(name: "a little more than the least", count: 1025, want: (0, 2048)),
      PortWish(name: "a place", first: 8192, count: 1024, want: (8192, 1024)),
      PortWish(name: "a place within a block", first: 8200, count: 2048, want: (8192, 2048)),
      PortWish(
        name: "the same, strictly", first: 8200, count: 2048, strictly: true, want: nil),
      PortWish(
        name: "a place strictly", first: 8200, count: 500, strictly: true, want: (8192, 1024)),
      PortWish(name: "well-known ports", first: 512, count: 1024, want: (0, 1024)),
      PortWish(name: "well-known ports strictly", first: 512, count: 1, strictly: true, want: nil),
      PortWish(name: "port 4500 strictly", first: 4500, count: 1, strictly: true, want: nil),
      PortWish(name: "half of all", count: 32_768, want: (32_768, 32_768)),
      PortWish(name: "more than half of all", count: 65_535, want: (32_768, 32_768)),
      PortWish(name: "more than half of all, strictly", count: 65_535, strictly: true, want: nil),
    ])
  func portWish(_ wish: PortWish) throws {
    let lab = RouterLab()
    let host = try #require(TestHost(0, in: lab))
    let block = host.leasePorts(
      first: wish.first, count: wish.count, strictly: wish.strictly)
    #expect(block?.count == wish.want?.count)
    if let want = wish.want, want.first != 0 { #expect(block?.first == want.first) }
    if let block { #expect(!block.contains(0) && !block.contains(500) && !block.contains(4500)) }
    #expect(lab.table.ports.keys.first == block)
  }

  @Test func `ports go to another host only after the quarantine`() throws {
    let lab = RouterLab()
    let first = try #require(TestHost(0, in: lab))
    let second = try #require(TestHost(1, in: lab))
    let block = try #require(first.leasePorts(first: 8192))
    #expect(first.giveBack(block) == .success)
    lab.wait(seconds: 119.999)
    #expect(second.leasePorts(first: 8192, strictly: true) == nil)
    lab.wait(seconds: 0.001)
    #expect(second.leasePorts(first: 8192, strictly: true) == block)
  }

  @Test func `a host cannot put more than one block into quarantine`() throws {
    let lab = RouterLab()
    let host = try #require(TestHost(0, in: lab))
    let block = try #require(host.leasePorts(first: 8192))
    #expect(host.giveBack(block) == .success)
    #expect(host.leasePorts(first: 16_384, count: 4096) == block)
    #expect(host.giveBack(block) == .success)
    #expect(host.leasePorts(first: 16_384, strictly: true) == nil)
    lab.wait(seconds: 120)
    #expect(host.leasePorts(first: 16_384, count: 4096)?.first == 16_384)
  }

  @Test func `a greedy host leaves an ordinary block for every other`() throws {
    let names = (0..<40).map { "host\($0)" }
    let lab = RouterLab(names)
    let greedy = try #require(TestHost(0, in: lab))
    // 62 blocks are to be had, 39 are for the others.
    #expect(greedy.leasePorts(count: 32_768)?.count == 16_384)
    for place in names.indices.dropFirst() {
      let host = try #require(TestHost(place, in: lab))
      #expect(host.leasePorts() != nil)
    }
    #expect(lab.table.mistakes.isEmpty)
  }

  @Test func `more hosts than blocks`() throws {
    let names = (0..<64).map { "host\($0)" }
    let lab = RouterLab(names)
    var codes: [ResultCode?] = []
    for place in names.indices {
      let host = try #require(TestHost(place, in: lab))
      codes.append(host.ask(.portRequest)?.code)
    }
    #expect(codes == [ResultCode](repeating: .success, count: 62) + [.noResources, .noResources])
  }
}
