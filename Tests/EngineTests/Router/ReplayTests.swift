import Net
import PAP
import Testing

@testable import Engine

/// Messages that somebody has recorded and sends again.
@Suite struct ReplayTests {
  private static let count = 10_000

  /// A long conversation of one host, as it was sent.
  private func record(_ host: TestHost, using random: inout SeededRandom) -> [[UInt8]] {
    _ = host.lease()
    return (0..<Self.count).map { _ in
      let entry = Entry(
        address: IPv4Address(rawValue: address("192.0.2.0").rawValue + UInt32(random.octets(1)[0])),
        ipsecProtocol: .esp)
      switch random.octets(1)[0] % 8 {
      case 0: _ = host.ask(.securityRequest)
      case 1: _ = host.leasePorts()
      case 2: _ = host.claim(0x7007_0000 + UInt32(random.octets(1)[0] % 8))
      case 3: _ = host.giveBackClaim(0x7007_0000 + UInt32(random.octets(1)[0] % 8))
      case 4: _ = host.synchronize([entry], part: 0, of: 2)
      case 5: _ = host.ask(.addressInvalidate, [.invalidAddress(entry)])
      default: _ = host.ask(.addressValidate, [.validAddress(entry)])
      }
      return host.lastRequest
    }
  }

  /// Sends all of it again; what went wrong, or nil.
  private func replay(_ recorded: [[UInt8]], from source: Endpoint, to lab: RouterLab) -> String? {
    let (table, state) = (lab.table, Snapshot(lab.state))
    for bytes in recorded {
      let effects = lab.step(.datagram(bytes, from: source, to: RouterLab.local))
      for effect in effects {
        if case .table(let change) = effect { return "\(change) came of a replay" }
        guard case .send(let answer, let endpoint, _) = effect else { continue }
        if answer.count > bytes.count || endpoint != source { return "too much was answered" }
      }
    }
    return lab.table == table && Snapshot(lab.state) == state ? nil : "the state has changed"
  }

  @Test func `ten thousand of them, shuffled, change nothing, then, later or after a restart`()
    throws
  {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededRandom(seed: seed)
    let lab = RouterLab(seed: seed)
    let host = try #require(TestHost(0, in: lab))
    let recorded = record(host, using: &random).shuffled(using: &random)
    // Not the last one itself, whose stored answer may be longer than it is.
    _ = host.ask(.portRequest)
    let same = replay(recorded, from: host.source, to: lab)
    #expect(same == nil, "the same session, seed \(seed)")
    #expect(host.hello() != nil && host.ask(.securityRequest)?.code == .success)
    let next = replay(recorded, from: host.source, to: lab)
    #expect(next == nil, "the next session, seed \(seed)")
    let restarted = RouterLab(seed: ~seed)
    let again = try #require(TestHost(0, in: restarted))
    _ = again.lease()
    let after = replay(recorded, from: host.source, to: restarted)
    #expect(after == nil, "after a restart, seed \(seed)")
  }
}
