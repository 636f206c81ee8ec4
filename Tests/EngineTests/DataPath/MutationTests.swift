import Testing

@testable import Engine

/// A million packets that nobody would send.
@Suite("Mutated packets")
struct MutationTests {
  @Test("none traps, each has one exit, and what is forwarded keeps the rules")
  func mutated() throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = QuickRandom(seed: seed)
    let bench = try DecisionBench(
      .shared, responder: 2, changes: ["revoke 203.0.113.0/24 all", "revoke 192.0.2.20/32 1"])
    let accounts = ExitAccounts()
    let originals = DecisionVectors.shared.vectors.map(\.packet.bytes)

    let count = 1_000_000
    for _ in 0..<count {
      let packet = Self.mutate(originals, &random)
      let decision = bench.decide(packet)
      if let fault = Self.fault(of: decision, packet, bench) {
        Issue.record("seed \(seed): \(fault): \(Hexadecimal(packet)): \(decision)")
        return
      }
      accounts.accounting.book(
        decision, received: bench.received(packet.count), written: random.next() & 7 != 0,
        now: bench.now)
      _ = bench.exits(of: nil, accounts)
      bench.now += 100_000
    }
    let totals = accounts.totals
    #expect(totals.received == UInt64(count), "seed \(seed)")
    #expect(
      totals.forwardedInbound + totals.forwardedOutbound + totals.answered + totals.consumed
        + totals.held + totals.dropped == totals.received, "seed \(seed)")
    #expect(totals.forwardedInbound > 1000 && totals.forwardedOutbound > 1000, "seed \(seed)")
    #expect(totals.unloggedDrops == totals.dropped - UInt64(DropRing.capacity), "seed \(seed)")
  }

  private static func mutate(_ originals: [[UInt8]], _ random: inout QuickRandom) -> [UInt8] {
    var packet = originals[Int(random.next() % UInt64(originals.count))]
    let choice = random.next()
    // Headers are where it matters: most changes are in the first 64 octets.
    for step in 0..<Int(choice & 3) where !packet.isEmpty {
      let word = random.next()
      let reach = word & 7 == 0 ? packet.count : min(packet.count, 64)
      let octet = UInt8(truncatingIfNeeded: word >> (8 * UInt64(step)))
      packet[Int(word >> 16 % UInt64(reach))] = octet
    }
    if choice >> 8 & 7 == 0 {
      packet.removeLast(Int(choice >> 16 % UInt64(packet.count)))
      if choice >> 12 & 1 == 0 { DecisionTests.mendLengths(&packet) }
    }
    return packet
  }

  /// What is wrong with what was forwarded, seen without the parsers under test.
  private static func fault(
    of decision: Decision, _ packet: [UInt8], _ bench: DecisionBench
  ) -> String? {
    guard case .forward = decision.verdict, let output = bench.output(of: decision) else {
      return nil
    }
    let isInbound = decision.direction == .inbound
    let inner = isInbound ? packet[...] : packet[20...]
    let sent = isInbound ? output[20...] : output[...]
    if let fault = changed(Array(inner), Array(sent)) { return fault }
    if isInbound {
      if checksum(output[..<20]) != 0xffff { return "outer checksum" }
      if !mayConcernHosts(Array(inner)) { return "an error about nothing of a host's" }
      return admitted(Array(inner)) ? nil : "forwarded without an entry"
    }
    return Array(sent[12..<16]) == [198, 51, 100, 1] ? nil : "source is not the shared address"
  }

  /// Only time to live, header checksum and ECN may differ.
  private static func changed(_ before: [UInt8], _ after: [UInt8]) -> String? {
    guard after.count == Int(before[2]) << 8 | Int(before[3]) else { return "length" }
    var expected = Array(before.prefix(after.count))
    expected[8] -= 1
    expected[10...11] = after[10...11]
    expected[1] = expected[1] & ~3 | after[1] & 3
    guard expected == after else { return "octets changed" }
    // A wrong checksum stays wrong by as much.
    let isSame = checksum(before[..<20]) == checksum(after[..<20])
    return isSame ? nil : "inner checksum"
  }

  /// The folded sum of 16-bit words, the plain way; 0 and 0xffff are one number.
  private static func checksum(_ octets: ArraySlice<UInt8>) -> UInt32 {
    var sum: UInt32 = 0
    for (index, octet) in octets.enumerated() {
      sum += index % 2 == 0 ? UInt32(octet) << 8 : UInt32(octet)
    }
    while sum > 0xffff { sum = sum >> 16 + sum & 0xffff }
    return sum == 0 ? 0xffff : sum
  }

  /// Whether a packet is no ICMP error, or quotes what a host can have sent to who is not revoked.
  private static func mayConcernHosts(_ packet: [UInt8]) -> Bool {
    guard packet[9] == 1, [3, 11, 12].contains(packet[20]) else { return true }
    guard packet.count >= 56, packet[28] == 0x45, packet[40...43] == [198, 51, 100, 1] else {
      return false
    }
    guard packet[44...46] != [203, 0, 113] else { return false }
    // Rows for ESP and AH are for one peer only, but for one that is revoked.
    return ![50, 51].contains(packet[37]) || packet[44...47] == [192, 0, 2, 10]
  }

  /// Whether the state's rows admit an inbound ESP or AH packet; other protocols need no row.
  private static func admitted(_ packet: [UInt8]) -> Bool {
    if packet[12] == 203, packet[13] == 0, packet[14] == 113 { return false }
    var ipsec = packet[9]
    var at = ipsec == 51 ? 24 : 20
    if ipsec == 17, packet[6] & 0x1f == 0, packet[7] == 0, packet[22] == 0x11, packet[23] == 0x94 {
      guard packet[28...31] != [0, 0, 0, 0] else { return true }
      (ipsec, at) = (50, 28)
    }
    guard ipsec == 50 || ipsec == 51 else { return true }
    // The SPI of a later fragment is in the first.
    let isLater = packet[6] & 0x1f != 0 || packet[7] != 0
    if isLater { return [[192, 0, 2, 10], [192, 0, 2, 20]].contains(Array(packet[12...15])) }
    let spi = packet[at...at + 3].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let source = Array(packet[12...15])
    switch (source, spi >> 16) {
    case ([192, 0, 2, 10], 0x1001): return ipsec == 50 || spi == 0x1001_0005
    case ([192, 0, 2, 10], 0x2002): return ipsec == 50 && spi == 0x2002_0007
    default: return false
    }
  }
}
