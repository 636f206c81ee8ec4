import PAP
import Testing

@testable import Host

/// What the agent believes, and what it does when the router has forgotten it.
@Suite struct AgentTrustTests {
  @Test func `a lost session is begun anew, and nothing is given up`() {
    let bench = AgentBench.running(AgentTests.pair)
    let leases = bench.leases.count
    bench.router.forgetSession()
    bench.pass(2)
    bench.desire(AgentTests.pair + [entry("192.0.2.3")])
    bench.pass(2)
    #expect(bench.held == Set(AgentTests.pair + [entry("192.0.2.3")]))
    #expect(bench.leases.count == leases)
    #expect(!bench.logs.contains { $0.contains("lost its state") })
  }

  @Test func `a new epoch has everything asked for again`() {
    let bench = AgentBench.running(AgentTests.pair)
    bench.router.loseState(newEpoch: 0x2222_2222)
    bench.pass(2)
    let count = bench.sent.count
    bench.feed(.datagram(announcement(0x2222_2222)))
    bench.pass(1)
    #expect(bench.held == Set(AgentTests.pair))
    let messages = bench.messages(after: count)
    // Slot and ports are asked for by name, so that they need not change.
    #expect(messages.first { $0.type == .securityRequest }?.spis?.first == 0x1a2b_0000)
    #expect(messages.first { $0.type == .portRequest }?.ports?.first == 20_480)
    #expect(messages.last?.epoch == 0x2222_2222)
  }

  @Test func `another slot after a new epoch is told, and entries are asked for in it`() {
    let bench = AgentBench.running([entry("192.0.2.1")])
    bench.router.loseState(newEpoch: 0x2222_2222)
    bench.router.slot = Slot(rawValue: 0x0f0f)
    bench.pass(2)
    bench.feed(.datagram(announcement(0x2222_2222)))
    #expect(bench.leases.last?.slot == Slot(rawValue: 0x0f0f))
    #expect(bench.held == [entry("192.0.2.1")])
  }

  @Test func `announcements cause one hello a second at most`() {
    let bench = AgentBench.running()
    let count = bench.sent.count
    for _ in 0..<100 {
      bench.feed(.datagram(announcement(0x3333_3333)))
      bench.pass(0.1)
    }
    let hellos = bench.messages(after: count).filter { $0.type == .hello }
    #expect((9...11).contains(hellos.count))
    #expect(bench.leases.last?.slot == Slot(rawValue: 0x1a2b))
    // Nothing in them is believed.
    #expect(bench.agent.epoch == 0x1111_1111)
  }

  /// A datagram that is not the router's, made while a request of the agent waits.
  enum Forgery: CaseIterable, Sendable {
    case garbage, empty, reflected, wrongKey, otherSession, otherTransaction, otherType, replayed
    case tampered, untaggedSuccess, untaggedProhibited, hintForOther
  }

  @Test(arguments: Forgery.allCases)
  func `what is not proven changes nothing`(forgery: Forgery) throws {
    let bench = AgentBench.running(AgentTests.pair)
    var answers: [[UInt8]] = []
    bench.delivers = { octets, isToRouter in
      if !isToRouter { answers.append(octets) }
      return isToRouter
    }
    let old = try #require(bench.sent.last?.octets)
    bench.desire(AgentTests.pair + [entry("192.0.2.3")])
    let request = try #require(bench.messages().last)
    let octets = try #require(bench.sent.last?.octets)
    let answer = try #require(answers.last)
    let forged = Self.forge(forgery, request, octets, answer, old, bench.agent.session)
    let count = bench.sent.count
    bench.feed(.datagram(forged))
    #expect(bench.sent.count == count)
    #expect(bench.agent.request?.transactionID == request.transactionID)
    #expect(bench.agent.epoch == 0x1111_1111)
    // The true answer is still taken.
    bench.feed(.datagram(answer))
    #expect(bench.agent.request == nil)
    #expect(bench.agent.entries.records[EntryKey(entry("192.0.2.3"))]?.result == .success)
  }

  private static func forge(
    _ forgery: Forgery, _ request: Message, _ octets: [UInt8], _ answer: [UInt8], _ old: [UInt8],
    _ session: Agent.Session?
  ) -> [UInt8] {
    var response = request.response(.success, epoch: 0x9999_9999)
    let key = session?.key ?? .random()
    let id = session?.id ?? 0
    func seal(_ message: Message, _ key: SecretKey, _ id: UInt32) -> [UInt8] {
      Authenticator.seal(
        message, direction: .fromRouter, key: key, keyID: ModelRouter.keyID, sessionID: id,
        sequence: 60)
    }
    switch forgery {
    case .garbage: return (0..<64).map { UInt8($0) }
    case .empty: return []
    case .reflected: return octets
    case .wrongKey: return seal(response, .random(), id)
    case .otherSession: return seal(response, key, id &+ 1)
    case .tampered:
      var changed = answer
      changed[3 + 8] ^= 1
      return changed
    case .replayed:
      // An answer with a sequence that was seen: the first of the session.
      return Authenticator.seal(
        response, direction: .fromRouter, key: key, keyID: ModelRouter.keyID, sessionID: id,
        sequence: 1)
    case .untaggedSuccess: return response.encoded()
    case .untaggedProhibited:
      response.code = .prohibited
      return response.encoded()
    case .hintForOther:
      response.code = .noSession
      response.transactionID &+= 1
      return response.encoded()
    case .otherTransaction:
      response.epoch = 0x1111_1111
      response.transactionID &+= 1
      return seal(response, key, id)
    case .otherType:
      response.epoch = 0x1111_1111
      response.type = .addressInvalidate
      return seal(response, key, id)
    }
  }

  private func announcement(_ epoch: UInt32) -> [UInt8] {
    Message(type: .announce, transactionID: 1, epoch: epoch).encoded()
  }
}

/// Giving back, and commands by hand.
@Suite struct AgentEndTests {
  @Test func `on its way out it gives everything back`() {
    let bench = AgentBench.running(AgentTests.pair)
    let count = bench.sent.count
    bench.feed(.stop)
    let messages = bench.messages(after: count)
    #expect(messages.map(\.type) == [.securityInvalidate, .portInvalidate])
    #expect(messages[0].spis.map { [$0.first, $0.count] } == [0x1a2b_0000, 65_536])
    #expect(messages[1].ports.map { [$0.first, $0.count] } == [20_480, 1_024])
    #expect(bench.finishedAt == bench.now)
    #expect(bench.agent.deadline == nil)
    #expect(bench.held.isEmpty)
  }

  @Test func `it waits a second for a silent router and no longer`() {
    let bench = AgentBench.running(AgentTests.pair)
    bench.delivers = { _, _ in false }
    let start = bench.now
    bench.feed(.stop)
    #expect(bench.finishedAt == nil)
    bench.pass(5)
    #expect(bench.finishedAt.map { $0.seconds(since: start) } == 1)
  }

  @Test func `a request on its way is given up for the end`() {
    let bench = AgentBench.running()
    bench.delivers = { _, _ in false }
    bench.desire(AgentTests.pair)
    bench.delivers = { _, _ in true }
    bench.feed(.stop)
    #expect(bench.finishedAt == bench.now)
    #expect(!bench.router.isSlotLeased)
  }

  @Test func `without a session it ends at once`() {
    let bench = AgentBench()
    bench.delivers = { _, _ in false }
    bench.feed(.start)
    bench.feed(.stop)
    #expect(bench.finishedAt == bench.now)
  }

  @Test func `commands are answered with what the router says`() {
    let bench = AgentBench.running()
    bench.router.prohibited = [address("192.0.2.66")]
    bench.feed(.command(AgentCommand(action: .validate, entry: entry("192.0.2.5"), token: 1)))
    bench.feed(.command(AgentCommand(action: .validate, entry: entry("192.0.2.66"), token: 2)))
    #expect(bench.outcomes == [1: .success, 2: .prohibited])
    bench.desire([entry("192.0.2.5")])
    bench.feed(.command(AgentCommand(action: .invalidate, entry: entry("192.0.2.5"), token: 3)))
    #expect(bench.outcomes[3] == .success)
    // It is still wanted, so it is there again.
    #expect(bench.held == [entry("192.0.2.5")])
  }

  @Test func `a command waits for a lost session and is told if the agent stops`() {
    let bench = AgentBench.running()
    bench.router.forgetSession()
    bench.feed(.command(AgentCommand(action: .validate, entry: entry("192.0.2.5"), token: 1)))
    bench.pass(2)
    #expect(bench.outcomes[1] == .success)
    bench.delivers = { _, _ in false }
    bench.feed(.command(AgentCommand(action: .validate, entry: entry("192.0.2.6"), token: 2)))
    bench.feed(.command(AgentCommand(action: .validate, entry: entry("192.0.2.7"), token: 3)))
    bench.feed(.stop)
    #expect(bench.outcomes[2] == .some(nil))
    #expect(bench.outcomes[3] == .some(nil))
  }
}
