/// The start of an ESP packet (RFC 4303, section 2): SPI at 0, sequence number at 4, then what only
/// the receiver can read.
struct ESPHeader {
  /// Octets in the clear.
  static let length = 8
  private static let spiOffset = 0

  /// Host byte order.
  let spi: UInt32

  /// Throws `malformed` if there is less than an SPI and a sequence number.
  @inline(__always)
  init(_ bytes: PacketBytes) throws(DropReason) {
    guard bytes.count >= Self.length else { throw .malformed }
    spi = bytes.word32(at: Self.spiOffset)
  }
}
