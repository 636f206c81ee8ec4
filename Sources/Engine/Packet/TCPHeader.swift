/// The start of a TCP segment (RFC 9293, section 3.1): source port at 0, destination port at 2, the
/// header's length in words in the upper half of octet 12.
struct TCPHeader {
  /// Octets of a header without options.
  static let leastLength = 20
  private static let sourcePortOffset = 0
  private static let destinationPortOffset = 2
  private static let dataOffsetOffset = 12

  let sourcePort: UInt16
  let destinationPort: UInt16

  /// Throws `malformed` if the header is under 20 octets or longer than the segment.
  @inline(__always)
  init(_ bytes: PacketBytes) throws(DropReason) {
    guard bytes.count >= Self.leastLength else { throw .malformed }
    let length = Int(bytes.octet(at: Self.dataOffsetOffset) >> 4) &* 4
    guard length >= Self.leastLength, length <= bytes.count else { throw .malformed }
    sourcePort = bytes.word16(at: Self.sourcePortOffset)
    destinationPort = bytes.word16(at: Self.destinationPortOffset)
  }
}
