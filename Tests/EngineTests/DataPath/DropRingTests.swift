import Testing

@testable import Engine

@Suite("Drop ring")
struct DropRingTests {
  private func record(_ number: Int) -> DropRecord {
    var record = DropRecord()
    record.time = UInt64(number)
    return record
  }

  @Test("first in, first out, and full is full")
  func order() {
    let rings = DropRings(workers: 2)
    let ring = rings.ring(1)
    #expect(ring.pop() == nil)
    #expect((0..<DropRing.capacity).allSatisfy { ring.push(record($0)) })
    #expect(!ring.push(record(-1 & 0xffff)))
    #expect(rings.ring(0).pop() == nil)
    #expect(ring.pop()?.time == 0)
    #expect(ring.push(record(DropRing.capacity)))
    #expect((1...DropRing.capacity).allSatisfy { ring.pop()?.time == UInt64($0) })
    #expect(ring.pop() == nil)
  }

  struct Vector: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let packet: [UInt8]
    let expected: String
  }

  private static let header: [UInt8] = [
    0x45, 0, 0, 32, 0, 0, 0, 0, 64, 50, 0, 0, 192, 0, 2, 10, 198, 51, 100, 1,
  ]

  private static func packet(_ protocolNumber: UInt8, _ payload: [UInt8]) -> [UInt8] {
    var packet = header + payload
    packet[9] = protocolNumber
    return packet
  }

  static let vectors = [
    Vector(
      testDescription: "esp", packet: packet(50, [0x10, 1, 0, 0x42, 0, 0, 0, 1]),
      expected: "50 c000020a c6336401 spi 10010042 28"),
    Vector(
      testDescription: "ah", packet: packet(51, [6, 4, 0, 0, 0x10, 1, 0, 5, 0, 0, 0, 1]),
      expected: "51 c000020a c6336401 spi 10010005 32"),
    Vector(
      testDescription: "tcp, cut after the ports", packet: packet(6, [1, 0xbb, 0x28, 0]),
      expected: "6 c000020a c6336401 ports 443 10240 24"),
    Vector(
      testDescription: "esp in udp",
      packet: packet(17, [0x11, 0x94, 0x11, 0x94, 0, 16, 0, 0, 0x10, 1, 0, 0x42, 0, 0, 0, 1]),
      expected: "17 c000020a c6336401 spi 10010042 ports 4500 4500 36"),
    Vector(
      testDescription: "ike behind the marker",
      packet: packet(17, [0x11, 0x94, 0x11, 0x94, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
      expected: "17 c000020a c6336401 ports 4500 4500 36"),
    Vector(
      testDescription: "icmp", packet: packet(1, [8, 0, 0, 0]),
      expected: "1 c000020a c6336401 24"),
    Vector(
      testDescription: "esp, cut within the SPI", packet: packet(50, [0x10, 1, 0]),
      expected: "50 c000020a c6336401 23"),
    Vector(
      testDescription: "options before esp",
      packet: [0x46] + packet(50, [1, 1, 1, 0, 0x10, 1, 0, 0x42]).dropFirst(),
      expected: "50 c000020a c6336401 spi 10010042 28"),
    Vector(
      testDescription: "a later fragment",
      packet: Array(packet(50, [0x10, 1, 0, 0x42])[..<6]) + [0, 9]
        + Array(packet(50, [0x10, 1, 0, 0x42])[8...]),
      expected: "50 c000020a c6336401 24"),
    Vector(testDescription: "a header cut", packet: Array(header.dropLast()), expected: "0 19"),
    Vector(testDescription: "ipv6", packet: [0x60] + header.dropFirst(), expected: "0 20"),
    Vector(testDescription: "nothing", packet: [], expected: "0 0"),
  ]

  @Test("a record says what can be read of the packet", arguments: vectors)
  func description(_ vector: Vector) {
    let buffers = PacketBuffers(count: 1)
    let record = DropRecord(
      describing: buffers.fill(vector.packet), reason: .malformed, direction: .inbound, host: 0,
      now: 1)
    var words = ["\(record.ipProtocol)"]
    if record.hasAddresses {
      words += [String(record.source, radix: 16), String(record.destination, radix: 16)]
    }
    if record.hasSPI { words += ["spi", String(record.spi, radix: 16)] }
    if record.hasPorts { words += ["ports", "\(record.sourcePort)", "\(record.destinationPort)"] }
    words.append("\(record.length)")
    #expect(words.joined(separator: " ") == vector.expected)
  }
}
