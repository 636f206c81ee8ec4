import Net
import PAP
import Testing

@testable import Engine

/// How much a flood of what nobody can have proven gets out of the router.
@Suite struct RefusalLimitTests {
  private let lab = RouterLab { $0.limits.requestsPerSecond = 5 }

  /// A message of that many octets that nobody has tagged.
  private static let untagged: [UInt8] = [2, 1, 0, 0, 0, 16, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]

  private func flood(_ bytes: [UInt8], from source: Endpoint) -> Int {
    (0..<20).reduce(0) { count, _ in
      let answers = lab.deliver(bytes, from: source)
      #expect(answers.allSatisfy { $0.count <= bytes.count })
      return count + answers.count
    }
  }

  struct Flood: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let bytes: [UInt8]
    var source = "10.0.0.99"
  }

  @Test(
    "refusals to one address have a limit",
    arguments: [
      Flood(testDescription: "without a tag", bytes: untagged),
      Flood(testDescription: "without a tag, from a host", bytes: untagged, source: "10.0.0.11"),
      Flood(testDescription: "malformed", bytes: untagged + [0, 0, 0, 0]),
      Flood(testDescription: "another version", bytes: [1] + untagged.dropFirst()),
      Flood(
        testDescription: "a session that is not", bytes: sealed(session: 77), source: "10.0.0.11"),
      Flood(testDescription: "a wrong tag", bytes: sealed(session: 0), source: "10.0.0.11"),
    ])
  func limit(_ vector: Flood) {
    let source = Endpoint(address: address(vector.source), port: 4000)
    #expect(flood(vector.bytes, from: source) == 5)
    #expect(lab.state.counters.unanswered == 15)
    lab.wait(seconds: 1)
    #expect(flood(vector.bytes, from: source) == 5)
  }

  /// A message under host a's key id and another key.
  private static func sealed(session: UInt32) -> [UInt8] {
    guard let key = RouterLab.key(9) else { return [] }
    return Authenticator.seal(
      Message(type: .hello, transactionID: 1, epoch: 0), direction: .fromHost, key: key, keyID: 1,
      sessionID: session, sequence: 1)
  }

  @Test func `replays have it, too, and use up no sequence of the router's beyond it`() throws {
    let host = try #require(TestHost(0, in: lab))
    let old = host.lastRequest
    lab.wait(seconds: 1)
    #expect(host.ask(.securityRequest)?.code == .success)
    #expect(flood(old, from: host.source) == 5)
    #expect(lab.state.counters.replayed == 20)
    let sequence = host.ask(.portRequest)?.authentication?.sequence
    #expect(sequence == 8)
  }

  @Test func `a flood under a host's address keeps nothing from the host`() throws {
    let host = try #require(TestHost(0, in: lab))
    lab.wait(seconds: 1)
    #expect(flood(Self.untagged, from: host.source) == 5)
    #expect(host.ask(.securityRequest)?.code == .success)
    #expect(host.hello() != nil)
  }

  @Test func `a flood from one address keeps no refusal from a host, or from most others`() {
    let strangers = (0..<64).map { Endpoint(address: .init(rawValue: 0x0a00_0080 + $0), port: 1) }
    #expect(flood(Self.untagged, from: strangers[0]) == 5)
    let told = strangers.dropFirst().filter { !lab.deliver(Self.untagged, from: $0).isEmpty }
    #expect(told.count > 56)
    let host = Endpoint(address: RouterLab.insideAddress(0), port: 1)
    #expect(lab.deliver(Self.untagged, from: host).count == 1)
  }

  @Test func `one host's requests use up nothing of another's`() throws {
    let hosts = try (0..<2).map { try #require(TestHost($0, in: lab)) }
    lab.wait(seconds: 1)
    let answered = (0..<20).filter { _ in hosts[0].ask(.portRequest) != nil }
    #expect(answered.count == 5 && lab.state.counters.rateLimited == 15)
    #expect(hosts[1].ask(.portRequest)?.code == .success)
  }
}
