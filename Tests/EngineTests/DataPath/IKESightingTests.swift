import PAP
import Testing

@testable import Engine

/// What people are shown of IKE: only what hosts did and might do.
@Suite("IKE sightings")
struct IKESightingTests {
  // Places in a tunnelled packet: two IPv4 headers and one of UDP come before IKE.
  private static let responderSPI = 56..<64
  private static let exchangeType = 66
  private static let minute: UInt64 = 60_000_000_000

  /// Numbers of the IANA registries of IKEv1 and IKEv2 exchange types.
  static let exchanges: [(type: UInt8, isOpen: Bool)] = [
    (2, false), (4, false), (5, false), (32, true), (34, false), (35, true), (36, true), (37, true),
    (38, false), (43, false),
  ]

  private func packet(_ name: String) throws -> [UInt8] {
    try #require(
      DecisionVectors.shared.vectors.first { $0.name == name && $0.direction == .outbound }
    ).packet.bytes
  }

  @Test("an IKE SA is half-open until its host goes past the first exchange", arguments: exchanges)
  func openness(_ type: UInt8, _ isOpen: Bool) throws {
    let bench = try DecisionBench(.shared)
    var packet = try packet("ikev2 begins")
    packet[Self.exchangeType] = 34
    #expect(bench.decide(packet).verdict.name == "forward")
    let began = bench.now
    bench.now += Self.minute
    packet[Self.exchangeType] = type
    #expect(bench.decide(packet).verdict.name == "forward")
    let sightings = bench.table.reader.ikeSightings(now: bench.now)
    #expect(sightings.count == 1)
    let sighting = try #require(sightings.first)
    #expect(sighting.isOpen == isOpen)
    #expect(sighting.host.rawValue == 1 && sighting.peer.description == "192.0.2.10")
    #expect(sighting.isInitiator && sighting.isLabelled)
    #expect(sighting.initiatorSPI == packet[48..<56].reduce(0) { $0 << 8 | UInt64($1) })
    #expect(sighting.since == began)
    #expect(bench.now - sighting.lastSeen < 1 << 22)
  }

  @Test("an SPI without a label is learned, and one with it is not")
  func labels() throws {
    for (name, isLabelled) in [("ikev2 begins", true), ("ikev2, no label: learned", false)] {
      let bench = try DecisionBench(.shared)
      #expect(bench.decide(try packet(name)).verdict.name == "forward")
      let sightings = bench.table.reader.ikeSightings(now: bench.now)
      #expect(sightings.map(\.isLabelled) == [isLabelled], "\(name)")
    }
  }

  @Test("a responder's IKE SA is known by the initiator's SPI, and who began")
  func responder() throws {
    let bench = try DecisionBench(.shared)
    #expect(bench.decide(try packet("ikev2, the responder answers")).verdict.name == "forward")
    #expect(bench.table.reader.ikeSightings(now: bench.now).map(\.isInitiator) == [false])
  }

  @Test("what is dropped, what comes from outside and what is no IKE teaches nothing")
  func nothing() throws {
    let bench = try DecisionBench(.shared)
    let vectors = DecisionVectors.shared.vectors.filter { vector in
      vector.changes.isEmpty && vector.before.isEmpty && vector.responder == 0
        && (vector.direction == .inbound || vector.reason != nil || !vector.name.contains("ike"))
    }
    #expect(vectors.count > 100)
    for vector in vectors { _ = bench.decide(vector.packet.bytes) }
    #expect(bench.table.reader.ikeSightings(now: bench.now).isEmpty)
  }

  @Test("one in which the host has not sent for an hour is forgotten")
  func lifetime() throws {
    let bench = try DecisionBench(.shared)
    _ = bench.decide(try packet("ikev2 begins"))
    bench.now += 59 * Self.minute
    #expect(bench.table.reader.ikeSightings(now: bench.now).count == 1)
    bench.now += 2 * Self.minute
    #expect(bench.table.reader.ikeSightings(now: bench.now).isEmpty)
  }

  @Test("a host that makes up IKE SAs fills its own share and no other's")
  func flood() throws {
    let bench = try DecisionBench(.shared)
    var packet = try packet("ikev2 begins")
    for number in 0..<3_000 {
      packet[54] = UInt8(number >> 8)
      packet[55] = UInt8(number & 0xff)
      #expect(bench.decide(packet).verdict.name == "forward")
    }
    #expect(bench.table.reader.ikeSightings(now: bench.now).count == 1_024)
  }
}
