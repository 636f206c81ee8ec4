/// The first octets of a packet as they came, so that its headers can be looked at later.
///
/// Of a fixed size, so that a worker leaves one with each dropped packet without allocating.
package struct PacketHead: Sendable {
  /// The most octets kept.
  ///
  /// They hold the IP header, that of UDP with the non-ESP marker, and IKE's.
  package static let capacity = 64

  private static let octetsOfWord = 8

  // Eight octets each, the first of them in the highest bits; what the packet has not is 0.
  private var words = InlineArray<8, UInt64>(repeating: 0)
  /// Octets kept, at most `capacity`.
  package private(set) var count = 0

  /// The head of no packet.
  package init() {}

  /// Takes the head of a packet.
  init(of packet: PacketBytes) {
    count = min(packet.count, Self.capacity)
    let whole = count / Self.octetsOfWord
    for index in 0..<whole { words[index] = packet.word64(at: index &* Self.octetsOfWord) }
    for offset in (whole &* Self.octetsOfWord)..<count {
      words[whole] |= UInt64(packet.octet(at: offset)) << Self.shift(of: offset)
    }
  }

  /// The octets, in the order in which they came.
  package var octets: [UInt8] {
    (0..<count).map { offset in
      UInt8(truncatingIfNeeded: words[offset / Self.octetsOfWord] >> Self.shift(of: offset))
    }
  }

  private static func shift(of offset: Int) -> Int {
    8 &* (octetsOfWord &- 1 &- offset % octetsOfWord)
  }
}
