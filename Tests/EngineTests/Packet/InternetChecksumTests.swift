import Testing

@testable import Engine

@Suite("Internet checksum")
struct InternetChecksumTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let octets: [UInt8]
    let checksum: UInt16
  }

  static let vectors = [
    Vector(
      testDescription: "RFC 1071, section 3: words 0001 f203 f4f5 f6f7 sum to ddf2",
      octets: [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7], checksum: 0x220d),
    Vector(
      testDescription: "an odd octet counts as if a 0 followed", octets: [0x00, 0x01, 0xf2],
      checksum: 0x0dfe),
    Vector(testDescription: "nothing", octets: [], checksum: 0xffff),
    Vector(testDescription: "all ones", octets: [0xff, 0xff, 0xff, 0xff], checksum: 0x0000),
    // The header of Wikipedia's article "Internet checksum", its field as 0.
    Vector(
      testDescription: "an IPv4 header",
      octets: [
        0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0x00, 0x00, 0xc0, 0xa8, 0x00,
        0x01, 0xc0, 0xa8, 0x00, 0xc7,
      ], checksum: 0xb861),
  ]

  @Test("of octets", arguments: vectors)
  func checksum(_ vector: Vector) {
    let buffers = PacketBuffers(count: 1)
    let bytes = buffers.fill(vector.octets)
    var checksum = InternetChecksum()
    checksum.add(bytes)
    #expect(checksum.value == vector.checksum)
  }

  @Test("updated: RFC 1624, section 4, where RFC 1141's formula gives ffff")
  func rfc1624() {
    #expect(InternetChecksum.updated(0xdd2f, from: 0x5555, to: 0x3285) == 0x0000)
    #expect(InternetChecksum.updated(0x0000, from: 0x3285, to: 0x5555) == 0xdd2f)
  }

  @Test("updated is the same as made anew")
  func updated() {
    let seed = UInt64.random(in: .min ... .max)
    var random = QuickRandom(seed: seed)
    for _ in 0..<100_000 {
      let word = random.next()
      let first = UInt16(truncatingIfNeeded: word)
      let (old, new) = (UInt16(truncatingIfNeeded: word >> 16), UInt16(word >> 48))
      // No header that may be changed sums to 0: its version is not 0.
      let fixed: UInt16 = 0x4500
      let before = Self.anew([fixed, first, old])
      if InternetChecksum.updated(before, from: old, to: new) != Self.anew([fixed, first, new]) {
        Issue.record("seed \(seed): \(first) \(old) \(new)")
        return
      }
    }
  }

  private static func anew(_ words: [UInt16]) -> UInt16 {
    var checksum = InternetChecksum()
    for word in words { checksum.add(word) }
    return checksum.value
  }
}

extension PacketBuffers {
  /// Puts a packet into the first buffer.
  func fill(_ octets: [UInt8]) -> PacketBytes {
    octets.withUnsafeBytes { octets in
      guard let start = octets.baseAddress else { return }
      unsafe place(0).copyMemory(from: start, byteCount: octets.count)
    }
    return packet(0, length: octets.count)
  }
}
