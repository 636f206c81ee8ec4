import Testing

@testable import Engine

/// Floods of fragments against the bounds of `FragmentLimits`.
@Suite("Fragment limits")
struct FragmentLimitTests {
  private static let limits = FragmentLimits(
    packets: 64, packetsOfOne: 16, refusedPackets: 8, chunks: 32, chunksOfOne: 8)

  /// A bench that books.
  private struct Rig {
    let bench: DecisionBench
    let accounts = ExitAccounts()

    init() throws { bench = try DecisionBench(.shared, limits: limits) }

    func reasons(_ packet: [UInt8]) -> [String] {
      bench.exits(of: packet, accounts).map { $0.reason ?? $0.verdict }
    }
  }

  private static func later(
    _ identification: Int, from last: UInt8 = 10, octets: Int = 64
  ) -> [UInt8] {
    let packet = FragmentTests.espPacket(
      payload: 64 + octets, identification: UInt16(identification))
    var part = FragmentTests.part(packet, 64..<64 + octets, isLast: true)
    part[15] = last
    return part
  }

  private static func first(_ identification: Int, from last: UInt8 = 10) -> [UInt8] {
    let packet = FragmentTests.espPacket(payload: 128, identification: UInt16(identification))
    var part = FragmentTests.part(packet, 0..<64, isLast: false)
    part[15] = last
    return part
  }

  @Test("a source gets its share of the memory for those that wait, and leaves the rest")
  func chunksOfOneSource() throws {
    let rig = try Rig()
    for number in 0..<8 { #expect(rig.reasons(Self.later(number)) == ["hold"]) }
    #expect(rig.reasons(Self.later(8)) == ["fragment-overflow"])
    #expect(rig.reasons(Self.later(8, from: 20)) == ["hold"])
    // What leaves gives its room back.
    #expect(rig.reasons(Self.first(0)) == ["forward", "forward"])
    #expect(rig.reasons(Self.later(8)) == ["hold"])
    #expect(rig.accounts.totals.isBalanced)
  }

  @Test("a long fragment is charged for all that it takes")
  func longFragments() throws {
    let rig = try Rig()
    #expect(rig.reasons(Self.later(0, octets: 7 * 2048)) == ["hold"])
    #expect(rig.reasons(Self.later(1, octets: 64)) == ["fragment-overflow"])
    #expect(rig.reasons(Self.later(1, from: 20, octets: 8 * 2048)) == ["fragment-overflow"])
    #expect(rig.reasons(Self.first(0)) == ["forward", "forwardPieces"])
    #expect(rig.reasons(Self.later(1, octets: 64)) == ["hold"])
  }

  @Test("many sources get all of it, and no more; time gives it back")
  func chunks() throws {
    let rig = try Rig()
    var exits: [String: Int] = [:]
    for number in 0..<64 {
      for reason in rig.reasons(Self.later(1, from: UInt8(100 + number))) {
        exits[reason, default: 0] += 1
      }
    }
    #expect(exits["hold"] == 32)
    #expect(exits["fragment-overflow"] == 32)
    #expect(rig.accounts.totals.held == 32)
    rig.bench.now += 15_000_000_000
    #expect(rig.bench.exits(of: nil, rig.accounts).map(\.reason).count == 32)
    #expect(rig.accounts.totals.held == 0)
    #expect(rig.reasons(Self.later(1)) == ["hold"])
    #expect(rig.accounts.totals.isBalanced)
  }

  @Test("packets that are never whole: the host's share is its own, another host goes on")
  func packetsOfOneHost() throws {
    let rig = try Rig()
    for number in 0..<16 { #expect(rig.reasons(Self.first(number)) == ["forward"]) }
    #expect(rig.reasons(Self.first(16)) == ["fragment-overflow"])
    // The other host has a peer with an entry of its own.
    rig.bench.table.apply(try ChangeLine.read("entry 9 2 192.0.2.99 esp any"))
    rig.bench.table.synchronize()
    var other = Self.first(0, from: 99)
    other.replaceSubrange(20..<24, with: [0x20, 0x02, 0, 7])
    #expect(rig.reasons(other) == ["forward"])
    #expect(rig.accounts.totals.isBalanced)
  }

  @Test("many sources that send to one host get no more than the host's share")
  func sourcesOfOneHost() throws {
    let rig = try Rig()
    for peer in 0..<18 {
      let host = peer == 17 ? 2 : 1
      let line = "entry \(10 + peer) \(host) 192.0.2.\(100 + peer) esp any"
      rig.bench.table.apply(try ChangeLine.read(line))
    }
    rig.bench.table.synchronize()
    for peer in 0..<16 {
      #expect(rig.reasons(Self.first(1, from: UInt8(100 + peer))) == ["forward"])
    }
    // The one that is there too many takes those with it that waited for it.
    #expect(rig.reasons(Self.later(1, from: 116)) == ["hold"])
    let overflow = "fragment-overflow"
    #expect(rig.reasons(Self.first(1, from: 116)) == [overflow, overflow])
    var other = Self.first(1, from: 117)
    other.replaceSubrange(20..<24, with: [0x20, 0x02, 0, 7])
    #expect(rig.reasons(other) == ["forward"])
    #expect(rig.accounts.totals.isBalanced && rig.accounts.totals.held == 0)
  }

  @Test("what a host at its limit cannot get takes no places from others")
  func overflowOfOneHost() throws {
    let rig = try Rig()
    func entry(_ peer: Int, host: Int) throws {
      let line = "entry \(10 + peer) \(host) 192.0.2.\(100 + peer) esp any"
      rig.bench.table.apply(try ChangeLine.read(line))
    }
    for peer in 0..<48 { try entry(peer, host: 1) }
    for peer in 48..<50 { try entry(peer, host: 2) }
    rig.bench.table.synchronize()
    // As many first fragments as there are places, twice.
    for round in 1...2 {
      for peer in 0..<48 { _ = rig.reasons(Self.first(round, from: UInt8(100 + peer))) }
    }
    for peer in 48..<50 {
      var other = Self.first(1, from: UInt8(100 + peer))
      other.replaceSubrange(20..<24, with: [0x20, 0x02, 0, 7])
      #expect(rig.reasons(other) == ["forward"])
    }
    #expect(rig.accounts.totals.isBalanced)
  }

  @Test("whole packets pass without end")
  func wholePackets() throws {
    let rig = try Rig()
    for number in 0..<1000 {
      let (begin, end) = (Self.first(number), Self.later(number))
      let isInOrder = number % 2 == 0
      let exits = (isInOrder ? [begin, end] : [end, begin]).flatMap { rig.reasons($0) }
      let expected = isInOrder ? ["forward", "forward"] : ["hold", "forward", "forward"]
      if exits != expected { Issue.record("packet \(number): \(exits)") }
    }
    #expect(rig.accounts.totals.isBalanced && rig.accounts.totals.held == 0)
  }

  @Test("refused first fragments leave the places to others")
  func refused() throws {
    let rig = try Rig()
    for number in 0..<200 {
      let exits = rig.reasons(Self.first(number % 50, from: UInt8(50 + number / 50)))
      if exits != ["address-not-validated"] { Issue.record("packet \(number): \(exits)") }
    }
    for number in 0..<16 { #expect(rig.reasons(Self.first(number)) == ["forward"]) }
    #expect(rig.accounts.totals.isBalanced)
  }

  @Test("a host that floods from inside leaves the others' share")
  func outbound() throws {
    let rig = try Rig()
    func through(_ host: UInt8, _ number: Int) -> [String] {
      var inner = Self.later(number)
      inner.replaceSubrange(12..<20, with: [198, 51, 100, 1, 192, 0, 2, 10])
      inner.mendHeaderChecksum(at: 0)
      let length = inner.count + 20
      let outer: [UInt8] = [
        0x45, 0, 0, UInt8(length), 0, 1, 0, 0, 64, 4, 0, 0, 10, 0, 0, host, 10, 0, 0, 254,
      ]
      return rig.reasons(outer + inner)
    }
    for number in 0..<8 { #expect(through(11, number) == ["hold"]) }
    #expect(through(11, 8) == ["fragment-overflow"])
    #expect(through(12, 8) == ["hold"])
    #expect(rig.reasons(Self.later(9)) == ["hold"])
  }
}
