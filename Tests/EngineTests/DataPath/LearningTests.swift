import Testing

@testable import Engine

/// How long what hosts send is remembered, and how much of it.
@Suite("Learning")
struct LearningTests {
  private static let minute: UInt64 = 60_000_000_000

  private func vector(_ name: String) throws -> DecisionVector {
    try #require(DecisionVectors.shared.vectors.first { $0.name == name })
  }

  /// A vector's packet with another peer, going out or coming in.
  private func packet(_ name: String, peer: [UInt8]) throws -> [UInt8] {
    let vector = try vector(name)
    var packet = vector.packet.bytes
    let at = vector.direction == .outbound ? 36 : 12
    packet.replaceSubrange(at..<at + 4, with: peer)
    packet.mendHeaderChecksum(at: vector.direction == .outbound ? 20 : 0)
    return packet
  }

  @Test("an IKE SPI is its sender's while it sends, or has a row for the peer")
  func lifetimeOfIKE() throws {
    let bench = try DecisionBench(.shared)
    let peers: [[UInt8]] = [[192, 0, 2, 10], [192, 0, 2, 77]]
    for peer in peers {
      let began = try packet("the owner sends again", peer: peer)
      #expect(bench.decide(began).verdict.name == "forward")
    }
    func reaches(_ peer: [UInt8]) throws -> Bool {
      bench.decide(try packet("ikev2 to who began", peer: peer)).host == 1
    }
    bench.now += 9 * Self.minute
    #expect(try peers.allSatisfy(reaches))
    // What comes in keeps nothing: two minutes later the host has not sent for eleven.
    bench.now += 2 * Self.minute
    #expect(try peers.map(reaches) == [true, false])
    // Now another host may take what is not held by a row.
    let others = try peers.map {
      bench.decide(try packet("a second host with the same", peer: $0)).verdict.reason
    }
    #expect(others == [.ikeSPINotOwned, nil])
    for row in ["unentry 1", "unentry 2"] { bench.table.apply(try ChangeLine.read(row)) }
    bench.table.synchronize()
    #expect(try !reaches(peers[0]))
  }

  @Test("an outbound SPI is forgotten when nothing was sent under it for a while")
  func lifetimeOfSPIs() throws {
    let vector = try vector("esp, learned")
    let bench = try DecisionBench(for: vector)
    bench.now += 9 * Self.minute
    #expect(bench.decide(vector.packet.bytes).verdict.name == "forward")
    bench.now += 2 * Self.minute
    #expect(bench.decide(vector.packet.bytes).verdict.reason == .icmpNoOwner)
  }

  @Test("what a host sends to a peer for which it has no row teaches nothing")
  func rowsGoFirst() throws {
    let vector = try vector("esp to a peer without a row")
    let bench = try DecisionBench(for: vector)
    bench.table.apply(try ChangeLine.read("entry 6 1 203.0.113.66 esp any"))
    bench.table.synchronize()
    #expect(bench.decide(vector.packet.bytes).verdict.reason == .icmpNoOwner)
    for case .packet(let sent) in vector.before { _ = bench.decide(sent.bytes) }
    let decision = bench.decide(vector.packet.bytes)
    #expect(decision.verdict.name == "forward" && decision.host == 1)
  }

  @Test("a host that floods with IKE SPIs learns so many, keeps them, and hinders nobody")
  func flood() throws {
    let bench = try DecisionBench(.shared)
    let original = try vector("ikev2, no label: learned").packet.bytes
    func send(_ number: Int, host: UInt8 = 11) -> Decision {
      var packet = original
      packet[15] = host
      for octet in 0..<3 { packet[53 + octet] = UInt8(number >> (8 * octet) & 0xff) }
      return bench.decide(packet)
    }
    let reasons = (0..<5000).map { send($0).verdict.reason }
    #expect(reasons.filter { $0 == nil }.count == 1024)
    #expect(reasons[1024...].allSatisfy { $0 == .ikeSPINotOwned })
    #expect((0..<1024).allSatisfy { send($0).verdict.name == "forward" })
    #expect(send(70_000, host: 12).verdict.name == "forward")
    // Half an hour later the host has no use for most: there is room again. Its rows for the peer
    // would keep them.
    for row in ["unentry 1", "unentry 2"] { bench.table.apply(try ChangeLine.read(row)) }
    bench.now += 30 * Self.minute
    let admitted = (80_000..<80_100).filter { send($0).verdict.name == "forward" }
    #expect(admitted.count > 80)
  }

  @Test("errors about ESP and AH change nothing")
  func errorsChangeNothing() throws {
    let bench = try DecisionBench(
      .shared, changes: ["entry 6 1 192.0.2.10 esp 0x10010100 0x77770001"])
    let inbound = try vector("esp, declared, 8 octets quoted").packet.bytes
    for _ in 0..<50 { #expect(bench.decide(inbound).verdict.name == "forward") }
    let esp = try vector("esp with an entry of any SPI").packet.bytes
    #expect(bench.decide(esp).entry == 1)
  }
}
