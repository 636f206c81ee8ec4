import PAP
import Testing

@testable import Host

@Suite struct AgentTests {
  static let pair = [entry("192.0.2.1"), entry("192.0.2.1", in: 0x1a2b_0001, out: 0xc1)]

  @Test func `it says hello, leases ports, then SPIs, and tells what it got`() {
    let bench = AgentBench()
    bench.feed(.start)
    let messages = bench.messages()
    #expect(messages.map(\.type) == [.hello, .portRequest, .securityRequest])
    #expect(messages[0].session?.id == 0)
    #expect(messages[0].hostName == "hosta")
    #expect(messages[1].ports.map { [$0.first, $0.count] } == [0, 1_024])
    #expect(messages[2].spis.map { [$0.first, $0.count] } == [0, 65_536])
    #expect(messages.map(\.epoch) == [0, 0x1111_1111, 0x1111_1111])
    let last = bench.leases.last
    #expect(last?.externalAddress == ModelRouter.external)
    #expect(last?.tunnelEndpoint == ModelRouter.endpoint)
    #expect(last?.tunnelMTU == 1_480)
    #expect(last?.slot == Slot(rawValue: 0x1a2b))
    #expect(last?.ikeLabel == IKELabel(label: 0x1a2b << 48, mask: 0xffff << 48))
    #expect(last?.ports == PortBlock(first: 20_480, count: 1_024))
    #expect(bench.router.sequences == [1, 2])
  }

  @Test func `a host that wants no ports asks for none`() {
    let bench = AgentBench(ports: 0)
    bench.feed(.start)
    bench.pass(7_200)
    #expect(!bench.messages().contains { $0.type == .portRequest })
  }

  @Test func `an unanswered request is repeated bit by bit, ever slower`() {
    let bench = AgentBench.running()
    bench.delivers = { _, _ in false }
    let start = bench.now
    let count = bench.sent.count
    bench.desire([entry("192.0.2.1")])
    bench.pass(200)
    let repeats = bench.sent.dropFirst(count)
    #expect(Set(repeats.map(\.octets)).count == 1)
    // pap.md, section 2: 0.25, 0.5, 1, 2, 4, 4 s, then 30 s, each give or take a tenth.
    let gaps = zip(repeats.map(\.at), repeats.dropFirst().map(\.at)).map { $1.seconds(since: $0) }
    let wanted = [0.25, 0.5, 1, 2, 4, 4, 34, 30, 30, 30]
    #expect(repeats.first?.at == start)
    for (gap, want) in zip(gaps, wanted) {
      #expect(gap >= want * 0.9 && gap <= want * 1.1, "\(gap) for \(want)")
    }
    #expect(gaps.count >= 8)
    #expect(bench.logs.filter { $0.contains("does not answer") }.count == 1)
    #expect(!bench.agent.contact.isAnswering)
    bench.delivers = { _, _ in true }
    bench.pass(40)
    #expect(bench.agent.contact.isAnswering)
    #expect(bench.held == [entry("192.0.2.1")])
  }

  @Test func `a hello that nobody answers is new each time once it is slow`() {
    let bench = AgentBench()
    bench.delivers = { _, _ in false }
    bench.feed(.start)
    bench.pass(15)
    #expect(Set(bench.sent.map(\.octets)).count == 1)
    bench.pass(100)
    #expect(Set(bench.sent.map(\.octets)).count == 1 + bench.sent.count - 7)
    bench.delivers = { _, _ in true }
    bench.pass(40)
    #expect(bench.leases.last?.slot != nil)
  }

  @Test func `leases are renewed at half of the lifetime, validations confirmed all along`() {
    let bench = AgentBench.running(Self.pair)
    let count = bench.sent.count
    bench.pass(1_799)
    // The slot may be asked for more often, to see whether the router is there.
    let types = Set(bench.messages(after: count).map(\.type))
    #expect(types.contains(.addressValidate) && !types.contains(.portRequest))
    let later = bench.sent.count
    bench.pass(60)
    let messages = bench.messages(after: later)
    #expect(Set(messages.map(\.type)) == [.securityRequest, .portRequest, .addressValidate])
    let slot = messages.first { $0.type == .securityRequest }
    #expect(slot?.spis?.first == 0x1a2b_0000)
    #expect(messages.first { $0.type == .addressValidate }?.validAddresses.count == 2)
  }

  @Test func `what the operator removed comes back while its association lives, once it may`() {
    let bench = AgentBench.running(Self.pair)
    let revoked = Self.pair[0].address
    bench.router.prohibited = [revoked]
    bench.router.held = bench.router.held.filter { $0.value.address != revoked }
    bench.pass(120)
    #expect(!bench.held.contains { $0.address == revoked })
    bench.router.prohibited = []
    bench.pass(31)
    #expect(bench.held == Set(Self.pair))
  }

  @Test func `a router that is silent for long is asked whether it is there`() {
    let bench = AgentBench.running(Self.pair)
    let count = bench.sent.count
    bench.pass(29)
    #expect(bench.sent.count == count)
    bench.router.loseState(newEpoch: 0x2222_2222)
    bench.pass(2)
    #expect(bench.held == Set(Self.pair))
    bench.delivers = { _, _ in false }
    bench.pass(50)
    #expect(!bench.agent.contact.isAnswering)
  }

  @Test func `a lease that nobody renews ends, and is had again`() {
    let bench = AgentBench.running(Self.pair)
    bench.delivers = { _, _ in false }
    bench.pass(3_601)
    #expect(bench.leases.last?.slot == nil)
    #expect(bench.leases.last?.ports == nil)
    bench.router.loseState(newEpoch: 0x2222_2222)
    bench.delivers = { _, _ in true }
    bench.pass(60)
    #expect(bench.leases.last?.slot == Slot(rawValue: 0x1a2b))
    #expect(bench.held == Set(Self.pair))
  }

  @Test func `entries go 48 at a time, those for every SPI first`() {
    let entries = (0..<100).map { number in
      entry("192.0.2.\(number)", in: number % 2 == 0 ? nil : 0x1a2b_0000 + UInt32(number))
    }
    let bench = AgentBench.running(entries)
    let sizes = bench.messages().filter { $0.type == .addressValidate }.map(\.validAddresses.count)
    #expect(sizes == [48, 48, 4])
    #expect(bench.held == Set(entries))
    bench.desire([])
    let removals = bench.messages().filter { $0.type == .addressInvalidate }
    #expect(removals.map(\.invalidAddresses.count) == [48, 48, 4])
    #expect(bench.held.isEmpty)
  }

  @Test func `new entries are there before old ones go`() {
    let bench = AgentBench.running([entry("192.0.2.1")])
    let count = bench.sent.count
    bench.desire([entry("192.0.2.2")])
    #expect(bench.messages(after: count).map(\.type) == [.addressValidate, .addressInvalidate])
    #expect(bench.held == [entry("192.0.2.2")])
  }

  @Test func `what one invalidation implies is not sent, and what is still wanted comes back`() {
    let byHand = entry("192.0.2.1", in: 0x1a2b_0009)
    let bench = AgentBench.running(Self.pair + [byHand])
    let count = bench.sent.count
    bench.desire([byHand])
    let messages = bench.messages(after: count)
    #expect(messages.map(\.type) == [.addressInvalidate, .addressValidate])
    #expect(messages[0].invalidAddresses == [entry("192.0.2.1")])
    #expect(messages[1].validAddresses == [byHand])
    #expect(bench.held == [byHand])
  }

  @Test func `another outbound SPI is told`() {
    let bench = AgentBench.running(Self.pair)
    bench.desire([entry("192.0.2.1"), entry("192.0.2.1", in: 0x1a2b_0001, out: 0xc2)])
    #expect(bench.held.contains(entry("192.0.2.1", in: 0x1a2b_0001, out: 0xc2)))
  }

  @Test func `a refused entry is tried again later, and others are not held up`() {
    let bench = AgentBench()
    bench.router.prohibited = [address("192.0.2.1")]
    bench.feed(.start)
    bench.desire([entry("192.0.2.1"), entry("192.0.2.2")])
    #expect(bench.held == [entry("192.0.2.2")])
    let record = bench.agent.entries.records[EntryKey(entry("192.0.2.1"))]
    #expect(record?.result == .prohibited)
    bench.router.prohibited = []
    bench.pass(29)
    #expect(bench.held == [entry("192.0.2.2")])
    bench.pass(2)
    #expect(bench.held == [entry("192.0.2.1"), entry("192.0.2.2")])
  }

  @Test(arguments: [
    MessageType.securityRequest, .portRequest, .addressValidate, .synchronize, .hello,
  ])
  func `a request refused as a whole stays away for a while`(type: MessageType) {
    let bench = AgentBench()
    bench.router.refusals[type] = .noResources
    bench.feed(.start)
    bench.desire([])
    bench.desire(Self.pair)
    let count = bench.messages().filter { $0.type == type }.count
    bench.pass(29)
    #expect(bench.messages().filter { $0.type == type }.count == count)
    bench.router.refusals = [:]
    bench.pass(2)
    #expect(bench.held == Set(Self.pair))
    #expect(bench.leases.last?.ports != nil)
  }
}
