internal import PAP

/// Whole IPv4 packets that a router with this design must drop.
///
/// Multi-octet fields are written in network byte order. The kernel fills in what the sender leaves
/// 0: the header's checksum and identification.
enum AttackPacket {
  private static let udp: UInt8 = 17
  private static let tcp: UInt8 = 6

  /// An IPv4 packet without options (RFC 791, section 3.1).
  static func ipv4(
    from source: IPv4Address, to destination: IPv4Address, _ protocolNumber: UInt8,
    _ payload: [UInt8]
  ) -> [UInt8] {
    let length = UInt16(truncatingIfNeeded: 20 + payload.count)
    return [0x45, 0] + octets(length) + [0, 0, 0, 0, 64, protocolNumber, 0, 0]
      + octets(source.rawValue) + octets(destination.rawValue) + payload
  }

  /// ESP: SPI, sequence number, then octets that no key ever made (RFC 4303, section 2).
  static func esp(_ spi: SPI, sequence: UInt32) -> [UInt8] {
    octets(spi.rawValue) + octets(sequence) + noise(64)
  }

  /// AH over an inner IPv4 packet, with a 16-octet check value (RFC 4302, section 2).
  static func ah(_ spi: SPI, sequence: UInt32) -> [UInt8] {
    [4, 5, 0, 0] + octets(spi.rawValue) + octets(sequence) + noise(16) + noise(64)
  }

  /// UDP without a checksum, which IPv4 allows (RFC 768).
  static func datagram(from source: UInt16, to destination: UInt16, _ data: [UInt8]) -> [UInt8] {
    octets(source) + octets(destination) + octets(UInt16(truncatingIfNeeded: 8 + data.count))
      + [0, 0] + data
  }

  /// An IKEv2 header alone, as a response or a request of a known association (RFC 7296,
  /// section 3.1).
  static func ike(initiator: UInt64, responder: UInt64, isResponse: Bool) -> [UInt8] {
    let informational: UInt8 = 37
    let flags: UInt8 = isResponse ? 0x20 : 0x08
    return octets(initiator) + octets(responder) + [0, 0x20, informational, flags]
      + octets(UInt32(1)) + octets(UInt32(28))
  }

  /// A TCP segment that asks for a connection (RFC 9293, section 3.1).
  static func syn(
    from source: IPv4Address, to destination: IPv4Address, sourcePort: UInt16, port: UInt16,
    sequence: UInt32
  ) -> [UInt8] {
    var segment = octets(sourcePort) + octets(port) + octets(sequence) + octets(UInt32(0))
    segment += [0x50, 0x02, 0xff, 0xff, 0, 0, 0, 0]
    let pseudoHeader =
      octets(source.rawValue) + octets(destination.rawValue)
      + octets(UInt16(tcp)) + octets(UInt16(segment.count))
    segment.replaceSubrange(16..<18, with: octets(checksum(pseudoHeader + segment)))
    return ipv4(from: source, to: destination, tcp, segment)
  }

  /// A datagram as a whole packet.
  static func udpPacket(
    from source: IPv4Address, to destination: IPv4Address, sourcePort: UInt16, port: UInt16,
    _ data: [UInt8]
  ) -> [UInt8] {
    ipv4(from: source, to: destination, udp, datagram(from: sourcePort, to: port, data))
  }

  /// The Internet checksum of an even number of octets (RFC 1071).
  private static func checksum(_ bytes: [UInt8]) -> UInt16 {
    var sum: UInt32 = 0
    for index in stride(from: 0, to: bytes.count - 1, by: 2) {
      sum &+= UInt32(bytes[index]) << 8 | UInt32(bytes[index + 1])
    }
    while sum >> 16 != 0 { sum = sum & 0xffff + sum >> 16 }
    return ~UInt16(truncatingIfNeeded: sum)
  }

  private static func noise(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: .min ... .max) }
  }

  private static func octets(_ value: some FixedWidthInteger) -> [UInt8] {
    stride(from: value.bitWidth - 8, through: 0, by: -8).map {
      UInt8(truncatingIfNeeded: value >> $0)
    }
  }
}
