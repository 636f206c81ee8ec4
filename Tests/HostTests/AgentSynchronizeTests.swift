import PAP
import Testing

@testable import Host

/// The whole set at once: after a restart of the agent or the router (pap.md, sections 3 and 5).
@Suite struct AgentSynchronizeTests {
  private static let stale = entry("192.0.2.99", in: 0x1a2b_0099)

  /// A router that holds an entry of an earlier run of the agent.
  private func afterCrash() -> AgentBench {
    let bench = AgentBench()
    bench.router.isSlotLeased = true
    bench.router.held = [ModelRouter.EntryKeyParts(Self.stale): Self.stale]
    bench.feed(.start)
    return bench
  }

  @Test func `what an earlier run left is removed, once everything is known`() {
    let bench = afterCrash()
    bench.feed(.desire([:], isWhole: false))
    bench.pass(60)
    #expect(bench.held == [Self.stale])
    bench.desire(AgentTests.pair)
    #expect(bench.held == Set(AgentTests.pair))
    #expect(bench.messages().filter { $0.type == .synchronize }.count == 1)
  }

  @Test func `entries known early are validated at once, and nothing is removed for them`() {
    let bench = afterCrash()
    let early = AgentTests.pair[0]
    bench.feed(.desire([EntryKey(early): early], isWhole: false))
    #expect(bench.held == [Self.stale, early])
  }

  @Test func `an association that lived on keeps its entry all along`() {
    let bench = afterCrash()
    var gone = false
    bench.delivers = { _, _ in
      gone = gone || !bench.held.contains(Self.stale)
      return true
    }
    bench.desire([Self.stale, entry("192.0.2.99")])
    bench.pass(100)
    #expect(!gone)
    #expect(bench.held == [Self.stale, entry("192.0.2.99")])
  }

  @Test func `a host without associations says so`() {
    let bench = afterCrash()
    bench.desire([])
    #expect(bench.held.isEmpty)
    let message = bench.messages().first { $0.type == .synchronize }
    #expect(message?.part.map { [$0.index, $0.total] } == [0, 1])
    #expect(message?.validAddresses == [])
  }

  @Test func `many entries go in parts, one after the other, and count together`() {
    let entries = (0..<100).map { entry("192.0.2.\($0)", in: 0x1a2b_0000 + UInt32($0)) }
    let bench = afterCrash()
    bench.desire(entries)
    let parts = bench.messages().filter { $0.type == .synchronize }
    #expect(parts.map { [$0.part?.index, $0.part?.total] } == [[0, 3], [1, 3], [2, 3]])
    #expect(parts.map(\.validAddresses.count) == [48, 48, 4])
    #expect(bench.held == Set(entries))
    #expect(!bench.messages().contains { $0.type == .addressValidate })
  }

  @Test func `a session that is lost between two parts begins the set again`() {
    let entries = (0..<100).map { entry("192.0.2.\($0)", in: 0x1a2b_0000 + UInt32($0)) }
    let bench = afterCrash()
    var answers = 0
    bench.delivers = { octets, isToRouter in
      let isPart = (try? Message(decoding: octets))?.type == .synchronize
      if isPart, !isToRouter { answers += 1 }
      return !isPart || isToRouter || answers != 2
    }
    bench.desire(entries)
    #expect(bench.held == [Self.stale])
    bench.router.forgetSession()
    bench.pass(5)
    #expect(bench.held == Set(entries))
  }

  @Test func `a router that does not know the message is told entry by entry`() {
    let bench = AgentBench()
    bench.router.refusals[.synchronize] = .unsupportedType
    bench.feed(.start)
    bench.desire(AgentTests.pair)
    #expect(bench.held == Set(AgentTests.pair))
    bench.pass(100)
    #expect(bench.messages().filter { $0.type == .synchronize }.count == 1)
  }

  @Test func `after a new epoch the set goes as a whole`() {
    let bench = AgentBench.running(AgentTests.pair)
    bench.router.loseState(newEpoch: 0x2222_2222)
    let count = bench.sent.count
    bench.pass(35)
    #expect(bench.held == Set(AgentTests.pair))
    #expect(bench.messages(after: count).contains { $0.type == .synchronize })
  }

  @Test func `lost events have the set told again`() {
    let bench = AgentBench.running(AgentTests.pair)
    bench.router.held[ModelRouter.EntryKeyParts(Self.stale)] = Self.stale
    bench.feed(.resynchronize)
    #expect(bench.held == Set(AgentTests.pair))
  }
}

/// A router that asks for no proof (pap.md, section 7, mode `none`).
@Suite struct AgentPlainTests {
  private func running() -> AgentBench {
    let bench = AgentBench(key: nil)
    bench.router.demandsProof = false
    bench.feed(.start)
    bench.desire(AgentTests.pair)
    return bench
  }

  @Test func `it leases and validates without session and tags`() {
    let bench = running()
    #expect(bench.leases.last?.slot == Slot(rawValue: 0x1a2b))
    #expect(bench.leases.last?.externalAddress == ModelRouter.external)
    #expect(bench.held == Set(AgentTests.pair))
    for message in bench.messages() {
      #expect(message.authentication == nil)
      #expect(message.session == nil)
    }
    #expect(bench.messages().first?.hostName == "hosta")
  }

  @Test func `a router that lost its state is noticed, and one that comes late is waited for`() {
    let bench = running()
    bench.router.loseState(newEpoch: 0x2222_2222)
    bench.pass(62)
    #expect(bench.held == Set(AgentTests.pair))
    bench.feed(.stop)
    #expect(bench.finishedAt == bench.now)
    #expect(!bench.router.isSlotLeased)
  }

  @Test func `an answer to nothing that was asked changes nothing`() {
    let bench = running()
    let count = bench.sent.count
    let foreign = Message(
      type: .securityRequest, isResponse: true, transactionID: 5, epoch: 0x1111_1111,
      options: [.spis(first: 0x7777_0000, count: Slot.spiCount), .lifetime(60)])
    bench.feed(.datagram(foreign.encoded()))
    #expect(bench.sent.count == count)
    #expect(bench.agent.leases.slot == Slot(rawValue: 0x1a2b))
  }

  @Test func `a host with a key takes nothing untagged from such a router`() {
    let bench = AgentBench()
    bench.router.demandsProof = false
    bench.feed(.start)
    bench.pass(20)
    #expect(bench.leases.isEmpty)
  }
}
