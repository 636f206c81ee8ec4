/// A UDP datagram (RFC 768): source port at 0, destination port at 2, length at 4, checksum at 6.
///
/// The checksum is left to the receiver: the router changes nothing that it covers.
struct UDPHeader {
  static let length = 8
  private static let sourcePortOffset = 0
  private static let destinationPortOffset = 2
  private static let lengthOffset = 4

  let sourcePort: UInt16
  let destinationPort: UInt16
  /// What follows the header, as far as the datagram's own length goes.
  let payload: PacketBytes

  /// Throws `malformed` if the length is under 8 or more than there is.
  ///
  /// Of the first fragment, `isCut`, the rest comes later.
  @inline(__always)
  init(_ bytes: PacketBytes, isCut: Bool = false) throws(DropReason) {
    guard bytes.count >= Self.length else { throw .malformed }
    let length = Int(bytes.word16(at: Self.lengthOffset))
    guard length >= Self.length, isCut || length <= bytes.count else { throw .malformed }
    sourcePort = bytes.word16(at: Self.sourcePortOffset)
    destinationPort = bytes.word16(at: Self.destinationPortOffset)
    payload = bytes.prefix(min(length, bytes.count)).dropFirst(Self.length)
  }
}
