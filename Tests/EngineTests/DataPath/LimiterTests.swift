import Testing

@testable import Engine

@Suite("Rate limits")
struct LimiterTests {
  private static let second: UInt64 = 1_000_000_000

  @Test("a burst, then the rate, and the burst again after rest")
  func rate() {
    var limiter = EventLimiter(EventRate(perSecond: 10, burst: 3))
    var now: UInt64 = 77 * Self.second
    #expect((0..<5).map { _ in limiter.admit(now: now) } == [true, true, true, false, false])
    now += Self.second / 10
    #expect((0..<2).map { _ in limiter.admit(now: now) } == [true, false])
    now += Self.second
    #expect((0..<4).map { _ in limiter.admit(now: now) } == [true, true, true, false])
  }

  @Test("each source has its own burst")
  func perSource() {
    var limiter = SourceLimiter(EventRate(perSecond: 1, burst: 2), seed: 5)
    let now = 9 * Self.second
    #expect((0..<3).map { _ in limiter.admit(1, now: now) } == [true, true, false])
    #expect((0..<3).map { _ in limiter.admit(2, now: now) } == [true, true, false])
    #expect((0..<2).map { _ in limiter.admit(1, now: now + Self.second) } == [true, false])
  }

  @Test("a flood from made-up sources is let through no further than the places go")
  func flood() {
    var limiter = SourceLimiter(EventRate(perSecond: 1, burst: 10), seed: 5)
    let now = 9 * Self.second
    var admitted = 0
    for number in 0..<UInt32(100_000) where limiter.admit(number &* 2_654_435_761, now: now) {
      admitted += 1
    }
    #expect(admitted == 4096)
    // A second later each place is free again.
    let isAdmitted = limiter.admit(0xc000_020a, now: now + Self.second)
    #expect(isAdmitted)
  }

  @Test("echo requests are answered at a limited rate")
  func echo() throws {
    let bench = try DecisionBench(.shared)
    let request = try vector("echo request")
    let verdicts = (0..<150).map { _ in bench.decide(request).verdict.name }
    #expect(verdicts.filter { $0 == "answer" }.count == 100)
    #expect(bench.decide(request).verdict == .drop(.icmpRateLimited, notice: nil))
    bench.now += Self.second
    #expect(bench.decide(request).verdict.name == "answer")
  }

  @Test("a drop is told at a limited rate, and counted all the same")
  func errors() throws {
    let bench = try DecisionBench(.shared)
    let packet = try vector("time to live 1")
    let outputs = (0..<80).map { _ in bench.output(of: bench.decide(packet)) }
    #expect(outputs.filter { $0 != nil }.count == 50)
    #expect(bench.decide(packet).verdict == .drop(.ttlExpired, notice: nil))
  }

  @Test("IKE that begins a conversation is let through at a limited rate for each source")
  func unsolicitedIKE() throws {
    let bench = try DecisionBench(.shared, responder: 2)
    let packet = try vector("ikev2 begins, the responder gets it")
    let verdicts = (0..<12).map { _ in bench.decide(packet).verdict }
    #expect(verdicts.filter { $0.name == "forward" }.count == 10)
    #expect(verdicts.last == .drop(.ikeRateLimited, notice: nil))
    var fromOther = packet
    fromOther[15] ^= 1
    #expect(bench.decide(fromOther).verdict.name == "forward")
    // IKE with a label is no conversation's beginning.
    let labelled = try vector("a label goes before the responder")
    #expect((0..<20).allSatisfy { _ in bench.decide(labelled).verdict.name == "forward" })
  }

  @Test("errors about what hosts sent are let through at a limited rate for each source")
  func errorsInward() throws {
    let bench = try DecisionBench(.shared)
    let packet = try vector("time exceeded: tcp")
    let verdicts = (0..<120).map { _ in bench.decide(packet).verdict }
    #expect(verdicts.filter { $0.name == "forward" }.count == 100)
    #expect(verdicts.last == .drop(.icmpRateLimited, notice: nil))
    // Those that concern nobody, and those from others, cost it nothing.
    let fromOther = try vector("from the peer itself")
    #expect(bench.decide(fromOther).verdict.name == "forward")
    let nobodys = try vector("a port of nobody")
    #expect((0..<200).allSatisfy { _ in bench.decide(nobodys).verdict.reason == .icmpNoOwner })
    bench.now += Self.second
    #expect(bench.decide(packet).verdict.name == "forward")
  }

  @Test("errors from hosts go out at a limited rate for each host, whatever comes in")
  func errorsOutward() throws {
    let bench = try DecisionBench(.shared)
    var inward = try vector("time exceeded: tcp")
    for number in 0..<UInt32(20_000) {
      let source = 0x0b00_0000 + number
      for octet in 0..<4 { inward[12 + octet] = UInt8(source >> UInt32(24 - 8 * octet) & 0xff) }
      _ = bench.decide(inward)
    }
    let packet = try vector("port unreachable: udp", .outbound)
    let verdicts = (0..<120).map { _ in bench.decide(packet).verdict }
    #expect(verdicts.filter { $0.name == "forward" }.count == 100)
    #expect(verdicts.last == .drop(.icmpRateLimited, notice: nil))
    let fromOther = try vector("tcp", .outbound, "3.2 ICMP errors")
    #expect(bench.decide(fromOther).verdict.name == "forward")
  }

  private func vector(
    _ name: String, _ direction: Direction, _ source: String? = nil
  ) throws -> [UInt8] {
    try #require(
      DecisionVectors.shared.vectors.first {
        $0.name == name && $0.direction == direction && (source == nil || $0.source == source)
      }
    ).packet.bytes
  }

  private func vector(_ name: String) throws -> [UInt8] {
    try #require(DecisionVectors.shared.vectors.first { $0.name == name }).packet.bytes
  }
}
