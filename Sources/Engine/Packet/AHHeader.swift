/// An Authentication Header (RFC 4302, section 2).
///
///     +---------------+---------------+-------------------------------+
///     |  Next Header  |  Payload Len  |           RESERVED            |   0
///     +---------------+---------------+-------------------------------+
///     |               Security Parameters Index (SPI)                 |   4
///     +---------------------------------------------------------------+
///     |                  Sequence Number Field                        |   8
///     +---------------------------------------------------------------+
///     |              Integrity Check Value (variable)                 |  12
///     +---------------------------------------------------------------+
struct AHHeader {
  /// Octets before the integrity check value.
  static let fixedLength = 12
  private static let payloadLengthOffset = 1
  private static let spiOffset = 4

  /// Host byte order.
  let spi: UInt32

  /// Throws `malformed` if the header is shorter than its fixed part or longer than the packet.
  @inline(__always)
  init(_ bytes: PacketBytes) throws(DropReason) {
    guard bytes.count >= Self.fixedLength else { throw .malformed }
    // "in 32-bit words, minus 2"
    let length = (Int(bytes.octet(at: Self.payloadLengthOffset)) &+ 2) &* 4
    guard length >= Self.fixedLength, length <= bytes.count else { throw .malformed }
    spi = bytes.word32(at: Self.spiOffset)
  }
}
