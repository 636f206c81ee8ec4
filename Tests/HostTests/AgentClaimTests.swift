import PAP
import Testing

@testable import Host

/// SPIs outside of the slot (pap.md, section 5, "claim").
@Suite struct AgentClaimTests {
  private static let foreign = entry("192.0.2.5", in: 0x1698_c310, out: 0xc1)
  private static let spi = SPI(rawValue: 0x1698_c310)

  @Test func `an association outside of the slot has its SPI claimed, then validated`() {
    let bench = AgentBench.running()
    let count = bench.sent.count
    bench.desire([Self.foreign, entry("192.0.2.5")])
    #expect(bench.router.claimed == [Self.spi])
    #expect(bench.held == [Self.foreign, entry("192.0.2.5")])
    let messages = bench.messages(after: count)
    #expect(messages.map(\.type) == [.securityRequest, .addressValidate])
    #expect(messages[0].spis.map { [$0.first, $0.count] } == [0x1698_c310, 1])
  }

  @Test func `a claim is given back after its association, and not before`() {
    let bench = AgentBench.running([Self.foreign])
    let count = bench.sent.count
    bench.desire([])
    let messages = bench.messages(after: count)
    #expect(messages.map(\.type) == [.addressInvalidate, .securityInvalidate])
    #expect(messages[1].spis.map { [$0.first, $0.count] } == [0x1698_c310, 1])
    #expect(bench.router.claimed.isEmpty)
    #expect(bench.held.isEmpty)
  }

  @Test func `a claim is renewed at half of its lifetime`() {
    let bench = AgentBench.running([Self.foreign])
    let count = bench.sent.count
    bench.pass(1_799)
    #expect(!bench.messages(after: count).contains { $0.spis?.count == 1 })
    bench.pass(2)
    #expect(bench.messages(after: count).filter { $0.spis?.count == 1 }.count == 1)
  }

  @Test func `an SPI in the slot is not claimed`() {
    let bench = AgentBench.running(AgentTests.pair)
    #expect(!bench.messages().contains { $0.spis?.count == 1 })
  }

  @Test func `what is refused is tried again later, and holds up nothing else`() {
    let bench = AgentBench.running()
    bench.router.taken = [Self.spi]
    bench.desire(AgentTests.pair + [Self.foreign])
    #expect(bench.held == Set(AgentTests.pair))
    #expect(bench.agent.claims.refusal(of: Self.spi) == .inUse)
    bench.pass(29)
    let attempts = bench.messages().filter { $0.spis?.count == 1 }.count
    #expect(attempts == 1)
    bench.router.taken = []
    bench.pass(2)
    #expect(bench.held == Set(AgentTests.pair + [Self.foreign]))
  }

  @Test func `a host at its limit asks for one more now and then, not for each`() {
    let many = (0..<100).map { entry("192.0.2.7", in: 0x1698_0000 + UInt32($0)) }
    let bench = AgentBench.running()
    bench.router.refusals[.securityRequest] = .quotaExceeded
    let count = bench.sent.count
    bench.desire(many)
    bench.pass(300)
    #expect(bench.messages(after: count).filter { $0.spis?.count == 1 }.count <= 12)
  }

  @Test func `a router that lost its state is asked for the claim again`() {
    let bench = AgentBench.running([Self.foreign])
    bench.router.loseState(newEpoch: 0x2222_2222)
    bench.pass(35)
    #expect(bench.router.claimed == [Self.spi])
    #expect(bench.held == [Self.foreign])
  }

  @Test func `another slot makes claims of what lay in the old one`() {
    let old = AgentTests.pair[1]
    let bench = AgentBench.running(AgentTests.pair)
    bench.router.loseState(newEpoch: 0x2222_2222)
    bench.router.slot = Slot(rawValue: 0x0f0f)
    bench.pass(35)
    #expect(bench.router.claimed == [SPI(rawValue: 0x1a2b_0001)])
    #expect(bench.held.contains(old))
  }

  @Test func `on its way out it gives claims back too`() {
    let bench = AgentBench.running([Self.foreign])
    bench.feed(.stop)
    #expect(bench.router.claimed.isEmpty)
    #expect(!bench.router.isSlotLeased)
    #expect(bench.finishedAt == bench.now)
  }
}
