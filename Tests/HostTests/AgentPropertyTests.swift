import PAP
import Testing

@testable import Host

@Suite struct AgentPropertyTests {
  /// Whatever is lost, refused, forgotten or changed: once all is quiet, the router holds exactly
  /// what is desired.
  @Test(arguments: 1...16 as ClosedRange<UInt64>)
  func `in the end the router holds what is desired`(seed: UInt64) {
    var random = SeededRandom(seed: seed &* 0x9e37)
    let bench = AgentBench(seed: seed)
    var wanted: [EntryKey: Entry] = [:]
    var loss = 0
    var lossRandom = SeededRandom(seed: seed)
    bench.delivers = { _, _ in lossRandom.index(below: 100) >= loss }
    bench.feed(.start)
    for step in 0..<400 {
      switch random.index(below: 13) {
      case 0: loss = [0, 0, 20, 50, 90].randomElement(using: &random) ?? 0
      case 1: bench.router.forgetSession()
      case 2 where random.index(below: 4) == 0:
        bench.router.loseState(newEpoch: UInt32(truncatingIfNeeded: random.next()) | 1)
      case 3:
        bench.router.prohibited = [Self.peer(&random)]
        bench.router.held = bench.router.held.filter {
          !bench.router.prohibited.contains($0.key.address)
        }
      case 4: bench.pass(Double(random.index(below: 3_000)))
      case 5...7:
        let new = Self.entry(&random)
        wanted[EntryKey(new)] = new
      case 9:
        let gone = bench.router.held.values.sorted { "\($0)" < "\($1)" }.first
        let options = gone.map { [Message.Option.invalidAddress($0)] } ?? []
        let notice = bench.router.withdraw(options, transactionID: UInt32(step))
        // As often as the router repeats it.
        for _ in 0...random.index(below: 3) { bench.feed(.datagram(notice)) }
      case 8: wanted = Self.some(of: wanted, &random)
      default: bench.pass(Double(random.index(below: 1_000)) / 500)
      }
      bench.feed(.desire(wanted))
      if bench.agent.deadline == nil { Issue.record("seed \(seed), step \(step): nothing is due") }
    }
    if let disorder = Self.disorder(bench) { Issue.record("seed \(seed): \(disorder)") }
    loss = 0
    bench.router.prohibited = []
    // Long enough for the slowest retry and for a renewal, which mends what was taken away unseen.
    bench.pass(3_700)
    if bench.held != Set(wanted.values) {
      Issue.record("seed \(seed): held \(bench.held), wanted \(wanted.values)")
    }
  }

  /// Two thirds of the entries, picked in an order that does not depend on hash values.
  private static func some(
    of entries: [EntryKey: Entry], _ random: inout SeededRandom
  ) -> [EntryKey: Entry] {
    let sorted = entries.sorted { "\($0.key)" < "\($1.key)" }
    let kept = sorted.filter { _ in random.index(below: 3) > 0 }
    return Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
  }

  /// Two messages of one session whose sequences do not rise; nil where all do.
  ///
  /// A repeat is the same message, and the acknowledgement of a notice may be repeated later.
  private static func disorder(_ bench: AgentBench) -> String? {
    var last: [UInt32: UInt32] = [:]
    var seen: Set<[UInt8]> = []
    for (_, octets) in bench.sent where seen.insert(octets).inserted {
      guard let one = Authenticator.authentication(of: octets), one.sessionID != 0 else { continue }
      if let before = last[one.sessionID], one.sequence <= before {
        return "sequence \(one.sequence) after \(before)"
      }
      last[one.sessionID] = one.sequence
    }
    return nil
  }

  private static func peer(_ random: inout SeededRandom) -> IPv4Address {
    IPv4Address(rawValue: 0xc000_0200 + UInt32(random.index(below: 6)))
  }

  private static func entry(_ random: inout SeededRandom) -> Entry {
    let spi = random.index(below: 4)
    let kind = [IPsecProtocol.esp, .esp, .ah, .any].randomElement(using: &random) ?? .esp
    return Entry(
      address: peer(&random), ipsecProtocol: kind,
      // The last of them lies outside of the slot.
      spiIn: spi == 0 ? nil : SPI(rawValue: (spi == 3 ? 0x1698_0000 : 0x1a2b_0000) + UInt32(spi)),
      spiOut: random.index(below: 2) == 0 ? nil : SPI(rawValue: 0xc000 + UInt32(spi)))
  }
}
