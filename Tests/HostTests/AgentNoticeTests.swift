import PAP
import Testing

@testable import Host

/// What the operator took away (pap.md, section 8, `withdraw-notice`).
@Suite struct AgentNoticeTests {
  private let gone = AgentTests.pair[1]

  @Test func `a notice is acknowledged, told, and its entry stays away for a while`() {
    let bench = AgentBench.running(AgentTests.pair)
    let notice = bench.router.withdraw(
      [.invalidAddress(gone), .reason("stolen key")], transactionID: 77)
    bench.router.prohibited = [gone.address]
    let count = bench.sent.count
    bench.feed(.datagram(notice))
    let answer = bench.messages(after: count).first
    #expect(answer?.type == .withdrawNotice)
    #expect(answer?.isResponse == true)
    #expect(answer?.transactionID == 77)
    #expect(answer?.code == .success)
    #expect(answer?.authentication?.sessionID == bench.agent.session?.id)
    #expect(bench.withdrawals == [Withdrawal(entries: [gone], reason: " (stolen key)")])
    #expect(bench.agent.entries.records[EntryKey(gone)]?.result == .prohibited)
    #expect(bench.logs.contains { $0.contains("withdrew 192.0.2.1") && $0.contains("stolen key") })
    bench.pass(29)
    #expect(bench.sent.count == count + 1)
    bench.router.prohibited = []
    bench.pass(2)
    #expect(bench.held == Set(AgentTests.pair))
  }

  @Test func `a repeat is acknowledged with the same octets and does nothing more`() {
    let bench = AgentBench.running(AgentTests.pair)
    let notice = bench.router.withdraw([.invalidAddress(gone)], transactionID: 77)
    let count = bench.sent.count
    for _ in 0..<5 { bench.feed(.datagram(notice)) }
    #expect(Set(bench.sent.dropFirst(count).map(\.octets)).count == 1)
    #expect(bench.sent.count == count + 5)
    #expect(bench.withdrawals.count == 1)
    // One that is tagged anew is the same notice still.
    bench.feed(.datagram(bench.router.withdraw([.invalidAddress(gone)], transactionID: 77)))
    #expect(bench.sent.count == count + 6)
    #expect(bench.withdrawals.count == 1)
    bench.feed(.datagram(bench.router.withdraw([.invalidAddress(gone)], transactionID: 78)))
    #expect(bench.withdrawals.count == 2)
  }

  @Test func `an acknowledgement uses up a sequence of its own`() {
    let bench = AgentBench.running(AgentTests.pair)
    bench.feed(.datagram(bench.router.withdraw([.invalidAddress(gone)], transactionID: 1)))
    let used = bench.messages().compactMap { message in
      message.authentication.flatMap { $0.sessionID == 0 ? nil : $0.sequence }
    }
    #expect(used == Array(1...UInt32(used.count)))
  }

  @Test(arguments: ["untagged", "host key", "reflected", "tampered"])
  func `a forged notice does nothing`(_ kind: String) {
    let bench = AgentBench.running(AgentTests.pair)
    var octets = bench.router.withdraw([.invalidAddress(gone)], transactionID: 77)
    let message = Message(
      type: .withdrawNotice, transactionID: 77, epoch: 1, options: [.invalidAddress(gone)])
    let session = bench.agent.session
    switch kind {
    case "untagged": octets = message.encoded()
    case "host key":
      octets = Authenticator.seal(
        message, direction: .fromRouter, key: ModelRouter.key, keyID: ModelRouter.keyID,
        sessionID: session?.id ?? 0, sequence: 40)
    case "reflected":
      octets = Authenticator.seal(
        message, direction: .fromHost, key: session?.key ?? .random(), keyID: ModelRouter.keyID,
        sessionID: session?.id ?? 0, sequence: 40)
    default: octets[20] ^= 1
    }
    let count = bench.sent.count
    bench.feed(.datagram(octets))
    #expect(bench.sent.count == count)
    #expect(bench.withdrawals.isEmpty)
    #expect(bench.agent.entries.records[EntryKey(gone)]?.result == .success)
  }

  @Test func `a slot that was taken back is asked for at once, and nothing is torn down`() {
    let bench = AgentBench.running(AgentTests.pair)
    let notice = bench.router.withdraw(
      [.spis(first: 0x1a2b_0000, count: Slot.spiCount)], transactionID: 3)
    bench.router.isSlotLeased = false
    bench.router.held = [:]
    bench.feed(.datagram(notice))
    #expect(bench.leases.contains { $0.slot == nil && $0.ports != nil })
    #expect(bench.leases.last?.slot == Slot(rawValue: 0x1a2b))
    #expect(bench.held == Set(AgentTests.pair))
    #expect(bench.withdrawals.isEmpty)
  }

  /// The router keeps what a suspended host holds, and refuses it everything.
  @Test func `a host that is suspended waits, and then tells the whole set`() {
    let bench = AgentBench.running(AgentTests.pair)
    let refused: [MessageType] = [.securityRequest, .portRequest, .addressValidate, .synchronize]
    for type in refused { bench.router.refusals[type] = .prohibited }
    let notice = bench.router.withdraw(
      [
        .spis(first: 0x1a2b_0000, count: Slot.spiCount), .ports(first: 20_480, count: 1_024),
        .reason("suspended"),
      ], transactionID: 3)
    let count = bench.sent.count
    bench.feed(.datagram(notice))
    bench.pass(29)
    // The acknowledgement, and one attempt at each lease.
    #expect(bench.sent.count == count + 3)
    // Meanwhile an association ends.
    bench.desire([AgentTests.pair[0]])
    bench.router.refusals = [:]
    bench.pass(2)
    #expect(bench.leases.last?.slot == Slot(rawValue: 0x1a2b))
    #expect(bench.leases.last?.ports != nil)
    #expect(bench.held == [AgentTests.pair[0]])
  }

  @Test func `another slot has the SPIs of the old one claimed`() {
    let bench = AgentBench.running(AgentTests.pair)
    let notice = bench.router.withdraw(
      [.spis(first: 0x1a2b_0000, count: Slot.spiCount)], transactionID: 3)
    bench.router.slot = Slot(rawValue: 0x0f0f)
    bench.router.held = [:]
    bench.feed(.datagram(notice))
    #expect(bench.leases.last?.slot == Slot(rawValue: 0x0f0f))
    #expect(bench.router.claimed == [SPI(rawValue: 0x1a2b_0001)])
    #expect(bench.held == Set(AgentTests.pair))
  }

  @Test func `ports and a claim that were taken back are asked for at once`() {
    let foreign = entry("192.0.2.5", in: 0x1698_c310)
    let bench = AgentBench.running([foreign])
    let notice = bench.router.withdraw(
      [.spis(first: 0x1698_c310, count: 1), .ports(first: 20_480, count: 1_024)], transactionID: 3)
    bench.router.claimed = []
    bench.router.arePortsLeased = false
    bench.router.held = [:]
    bench.feed(.datagram(notice))
    #expect(bench.leases.contains { $0.ports == nil })
    #expect(bench.leases.last?.ports != nil)
    #expect(bench.agent.claims.holds(SPI(rawValue: 0x1698_c310)))
    #expect(bench.held == [foreign])
  }
}
