import PAP
import Testing

@testable import Engine

/// Each row of the two tables of the data path with its negative twins, to the octet.
@Suite("Decisions")
struct DecisionTests {
  static let vectors = DecisionVectors.shared

  @Test("a packet's exit, whom it concerns, and what is written", arguments: vectors.vectors)
  func decision(_ vector: DecisionVector) throws {
    let bench = try DecisionBench(for: vector)
    let decision = bench.decide(vector.packet.bytes)
    #expect(decision.verdict.name == vector.verdict)
    #expect(decision.verdict.reason?.name == vector.reason)
    #expect(bench.output(of: decision).map(Hexadecimal.init) == vector.output)
    #expect(decision.direction == vector.direction)
    #expect(decision.host == vector.host)
    #expect(decision.entry == vector.entry)
  }

  /// `Tests/Vectors/run` opens what the router must write, and fails to open what was changed.
  @Test("ESP and AH that another program sealed, to the octet", arguments: Conversations.ipsec)
  func sealed(_ conversation: Conversation) throws { try conversation.hold() }

  /// Where no network says so, the endpoint is forbidden all the same.
  @Test(
    "no host sends to the tunnel's endpoint",
    arguments: [("to 10.0.0.254", false), ("to 10.0.0.12", true)])
  func endpoint(_ name: String, _ isForwarded: Bool) throws {
    var configuration = Self.vectors.configuration()
    configuration.insideNetworks = []
    let bench = DecisionBench(configuration: configuration)
    for line in Self.vectors.state { bench.table.apply(try ChangeLine.read(line)) }
    bench.table.synchronize()
    let vector = try #require(Self.vectors.vectors.first { $0.name == name })
    let verdict = bench.decide(vector.packet.bytes).verdict
    #expect(verdict.reason == (isForwarded ? nil : .destinationForbidden))
  }

  @Test(
    "a reserved SPI is nobody's, even where the table says otherwise",
    arguments: [("esp, reserved SPI 255", "0x000000ff"), ("a reserved SPI", "0x000000c8")])
  func reservedSPI(_ name: String, _ spi: String) throws {
    let vector = try #require(Self.vectors.vectors.first { $0.name == name })
    let bench = try DecisionBench(.shared, changes: ["claim \(spi) 1"])
    #expect(bench.decide(vector.packet.bytes).verdict.reason?.name == vector.reason)
  }

  @Test("only the responder's IKEv2 goes without an SPI, and not with another host's")
  func cookies() throws {
    let vector = try #require(
      Self.vectors.vectors.first { $0.name == "a cookie from the responder" })
    let bench = try DecisionBench(for: vector)
    #expect(bench.decide(vector.packet.bytes).verdict.name == "forward")
    // The responder's SPI, behind the outer, the inner and the UDP header, with the first host's label.
    var labelled = vector.packet.bytes
    labelled.replaceSubrange(56..<58, with: [0x10, 0x01])
    #expect(bench.decide(labelled).verdict.reason == .ikeSPINotOwned)
    // IKEv1 without cookies.
    var earlier = vector.packet.bytes
    earlier.replaceSubrange(48..<64, with: [UInt8](repeating: 0, count: 16))
    earlier[65] = 0x10
    #expect(bench.decide(earlier).verdict.reason == .ikeSPINotOwned)
  }

  @Test("a cut packet is dropped, wherever it is cut")
  func truncated() throws {
    for vector in Self.vectors.vectors where vector.verdict != "drop" {
      let bench = try DecisionBench(for: vector)
      for length in 0..<Self.totalLength(of: vector.packet.bytes) {
        let decision = bench.decide(Array(vector.packet.bytes.prefix(length)))
        if decision.verdict != .drop(.malformed, notice: nil) {
          Issue.record("\(vector.testDescription) cut to \(length): \(decision)")
        }
      }
    }
  }

  @Test("what an older packet left behind in the buffer decides nothing")
  func staleOctets() throws {
    let tails = [[UInt8](repeating: 0xff, count: 64), [UInt8](repeating: 0, count: 64)]
    for vector in Self.vectors.vectors {
      let benches = try tails.map { _ in try DecisionBench(for: vector) }
      for length in 0..<min(vector.packet.bytes.count, 120) {
        var packet = Array(vector.packet.bytes.prefix(length))
        Self.mendLengths(&packet)
        let decisions = zip(benches, tails).map { bench, tail in
          // A second later each limiter has its burst again.
          bench.now += 1_000_000_000
          let decision = bench.decide(packet, tail: tail)
          return (decision, bench.output(of: decision))
        }
        if decisions[0] != decisions[1] {
          Issue.record("\(vector.testDescription) cut to \(length): \(decisions)")
        }
      }
    }
  }

  private static func totalLength(of packet: [UInt8]) -> Int {
    Int(packet[2]) << 8 | Int(packet[3])
  }

  /// Makes the IP headers, the inner one too, agree with a packet's length, so that parsers beyond
  /// them meet the cut.
  static func mendLengths(_ packet: inout [UInt8]) {
    if packet.count >= 4 { setLength(&packet, at: 0, packet.count) }
    guard packet.count >= 24, packet[9] == 4 else { return }
    setLength(&packet, at: 20, packet.count - 20)
  }

  private static func setLength(_ packet: inout [UInt8], at offset: Int, _ length: Int) {
    packet[offset + 2] = UInt8(length >> 8 & 0xff)
    packet[offset + 3] = UInt8(length & 0xff)
  }
}
