import PAP
import Testing

@testable import Host

/// An agent and a model router with a wire between them and a clock that the test moves.
final class AgentBench {
  var agent: Agent
  var router = ModelRouter()
  var now = at(0)
  /// Whether what the agent sends, and what the router answers, arrives.
  var delivers: (_ octets: [UInt8], _ isToRouter: Bool) -> Bool = { _, _ in true }
  /// Everything the agent sent, with the time.
  private(set) var sent: [(at: Moment, octets: [UInt8])] = []
  private(set) var leases: [Leases] = []
  private(set) var outcomes: [UInt64: ResultCode?] = [:]
  private(set) var withdrawals: [Withdrawal] = []
  private(set) var logs: [String] = []
  private(set) var finishedAt: Moment?

  init(ports: UInt16 = 1_024, seed: UInt64 = 1, key: SecretKey? = ModelRouter.key) {
    var random = SeededRandom(seed: seed)
    agent = Agent(
      identity: Agent.Identity(
        name: "hosta", keyID: ModelRouter.keyID, key: key, ports: ports),
      randomness: Randomness { random.octets($0) })
  }

  /// An agent that has leased, has told what an earlier run may have left that there is nothing, and
  /// wants these entries.
  static func running(_ entries: [Entry] = []) -> AgentBench {
    let bench = AgentBench()
    bench.feed(.start)
    bench.desire([])
    bench.desire(entries)
    return bench
  }

  func feed(_ event: AgentEvent) {
    var answers: [[UInt8]] = []
    for effect in agent.step(event, now: now) {
      switch effect {
      case .send(let octets):
        sent.append((now, octets))
        guard delivers(octets, true), let answer = router.answer(octets, now: now) else { break }
        if delivers(answer, false) { answers.append(answer) }
      case .leases(let new): leases.append(new)
      case .withdrawn(let withdrawal): withdrawals.append(withdrawal)
      case .outcome(let token, let code): outcomes[token] = code
      case .log(_, let text): logs.append(text)
      case .finished: finishedAt = now
      }
    }
    for answer in answers { feed(.datagram(answer)) }
  }

  func desire(_ entries: [Entry]) {
    feed(.desire(Dictionary(entries.map { (EntryKey($0), $0) }) { first, _ in first }))
  }

  /// Lets time pass, and the agent's timers go off when they are due.
  func pass(_ seconds: Double) {
    let end = now.advanced(bySeconds: seconds)
    var steps = 0
    while let due = agent.deadline, due <= end {
      now = max(now, due)
      feed(.timer)
      steps += 1
      guard steps < 100_000 else {
        Issue.record("the agent spins at \(now)")
        return
      }
    }
    now = end
  }

  /// The messages sent since the `count` first ones, as far as they can be read.
  func messages(after count: Int = 0) -> [Message] {
    sent.dropFirst(count).compactMap { try? Message(decoding: $0.octets) }
  }

  /// What the router holds.
  var held: Set<Entry> { Set(router.held.values) }
}

/// Shorthand for tables.
func entry(
  _ peer: String, _ ipsecProtocol: IPsecProtocol = .esp, in spiIn: UInt32? = nil,
  out spiOut: UInt32? = nil
) -> Entry {
  Entry(
    address: address(peer), ipsecProtocol: ipsecProtocol, spiIn: spiIn.map(SPI.init(rawValue:)),
    spiOut: spiOut.map(SPI.init(rawValue:)))
}
