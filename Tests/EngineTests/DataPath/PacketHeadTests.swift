import Testing

@testable import Engine

@Suite("The head of a packet")
struct PacketHeadTests {
  @Test("as many octets as fit, in their order", arguments: [0, 1, 7, 8, 9, 20, 63, 64, 65, 1_500])
  func octets(length: Int) {
    let packet = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 1) }
    let buffers = PacketBuffers(count: 1)
    let head = PacketHead(of: buffers.fill(packet))
    #expect(head.octets == Array(packet.prefix(64)))
    #expect(head.count == min(length, 64))
  }
}
