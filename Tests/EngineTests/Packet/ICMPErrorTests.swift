import Testing

@testable import Engine

@Suite("ICMP errors")
struct ICMPErrorTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let testDescription: String
    var protocolNumber: UInt8 = 50
    var payload: [UInt8] = [0, 0, 0, 0]
    var source: [UInt8] = [192, 0, 2, 10]
    var flags: UInt8 = 0
    let mayBeSent: Bool

    var packet: [UInt8] {
      [0x45, 0, 0, UInt8(20 + payload.count), 0, 0, flags, 0, 64, protocolNumber, 0, 0] + source
        + [198, 51, 100, 1] + payload
    }
  }

  static let vectors = [
    Vector(testDescription: "about ESP", mayBeSent: true),
    Vector(
      testDescription: "about an echo request", protocolNumber: 1, payload: [8, 0, 0, 0],
      mayBeSent: true),
    Vector(
      testDescription: "about an echo reply", protocolNumber: 1, payload: [0, 0, 0, 0],
      mayBeSent: true),
    Vector(
      testDescription: "about unreachable", protocolNumber: 1, payload: [3, 1, 0, 0],
      mayBeSent: false),
    Vector(
      testDescription: "about source quench", protocolNumber: 1, payload: [4, 0, 0, 0],
      mayBeSent: false),
    Vector(
      testDescription: "about redirect", protocolNumber: 1, payload: [5, 0, 0, 0],
      mayBeSent: false),
    Vector(
      testDescription: "about time exceeded", protocolNumber: 1, payload: [11, 0, 0, 0],
      mayBeSent: false),
    Vector(
      testDescription: "about parameter problem", protocolNumber: 1, payload: [12, 0, 0, 0],
      mayBeSent: false),
    Vector(
      testDescription: "about ICMP of no type", protocolNumber: 1, payload: [], mayBeSent: false),
    Vector(testDescription: "about a first fragment", flags: 0x20, mayBeSent: true),
    Vector(testDescription: "about a later fragment", flags: 0x01, mayBeSent: false),
    Vector(testDescription: "to 0.0.0.0", source: [0, 0, 0, 0], mayBeSent: false),
    Vector(testDescription: "to loopback", source: [127, 0, 0, 1], mayBeSent: false),
    Vector(testDescription: "to multicast", source: [224, 0, 0, 5], mayBeSent: false),
    Vector(testDescription: "to broadcast", source: [255, 255, 255, 255], mayBeSent: false),
  ]

  @Test("only where RFC 1812, section 4.3.2.7, allows them", arguments: vectors)
  func mayBeSent(_ vector: Vector) throws {
    let buffers = PacketBuffers(count: 1)
    let packet = try IPv4Header(buffers.fill(vector.packet))
    #expect(ICMPError.mayBeSent(about: packet) == vector.mayBeSent)
  }
}
