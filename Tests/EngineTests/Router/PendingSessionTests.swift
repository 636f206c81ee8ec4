import Net
import PAP
import Testing

@testable import Engine

/// Sessions that were asked for and not yet used: bounded, and never in the way of the one in use.
@Suite struct PendingSessionTests {
  @Test func `of too many hellos the oldest are forgotten`() throws {
    let lab = RouterLab()
    let hosts = try (0..<17).map { _ in try #require(TestHost(silent: 0, in: lab)) }
    for (place, host) in hosts.enumerated() { #expect(host.hello(nonce: UInt8(place)) != nil) }
    #expect(lab.state.hosts[HostIndex(rawValue: 1)].sessions.pending.count == 16)
    #expect(hosts[0].ask(.securityRequest) == nil)
    #expect(hosts[1].ask(.securityRequest)?.code == .success)
    // Those that were not used go when their time is over.
    lab.wait(seconds: 10)
    lab.step(.tick)
    #expect(lab.state.hosts[HostIndex(rawValue: 1)].sessions.pending.isEmpty)
    #expect(hosts[1].ask(.securityRequest)?.code == .success)
  }

  @Test func `sequences end, and with them the session`() {
    guard let key = RouterLab.key(0) else { return }
    var session = Session(id: 1, keyID: 1, key: key, sent: .max - 1)
    #expect(session.nextSequence() == .max)
    #expect(session.nextSequence() == nil)
  }

  struct Flood: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let source: String
  }

  @Test(
    "a flood of strangers leaves nothing behind but a line in the log",
    arguments: [
      Flood(testDescription: "from nobody's address", source: "10.0.0.99"),
      Flood(testDescription: "from a host's address", source: "10.0.0.11"),
    ])
  func flood(_ flood: Flood) {
    let lab = RouterLab()
    var random = SeededRandom(seed: 3)
    for _ in 0..<500 {
      let source = Endpoint(address: address(flood.source), port: 1)
      let answers = lab.deliver([2, 8, 0, 0, 0, 16, 0, 0] + random.octets(8), from: source)
      #expect(answers.allSatisfy { $0.count == 16 })
    }
    #expect(lab.state.counters.notAuthenticated == 500)
    let lines = lab.trace.filter { if case .log = $0 { true } else { false } }
    #expect(lines.count == 1)
  }
}
