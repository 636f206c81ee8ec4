/// Which part of its packet a fragment is (RFC 791, section 3.2), in octets of the payload.
struct FragmentRange: Equatable {
  /// The unit of fragment offsets.
  static let unit = 8
  /// The most units that a packet's payload takes.
  static let greatestUnitCount = 65_536 / unit

  /// A multiple of 8.
  let start: Int
  /// Beyond `start`; a multiple of 8 unless the fragment is the last.
  let end: Int
  let isLast: Bool

  var isFirst: Bool { start == 0 }
  /// The units that it covers; what is left over of the last one counts as a whole.
  var units: Range<Int> {
    start / Self.unit..<(end + Self.unit - 1) / Self.unit
  }

  /// Reads the part from a fragment's header.
  ///
  /// - Throws: `fragmentInvalid` if the fragment is empty; if it is not the last and its length is
  ///   no multiple of 8; if the packet would be longer than any (the "ping of death"); or if it lies
  ///   where the upper layer's header must be, which the first fragment holds whole (RFC 1858,
  ///   section 3; RFC 3128).
  init(_ packet: IPv4Header) throws(DropReason) {
    start = packet.fragmentOffset &* Self.unit
    end = start &+ packet.payload.count
    isLast = !packet.hasMoreFragments
    guard end > start, isLast || end % Self.unit == 0, end <= 65_535 - IPv4Header.length,
      start == 0 || start >= Self.leastHeader(packet.protocolNumber)
    else { throw .fragmentInvalid }
  }

  /// Octets that the header of a protocol has at least.
  private static func leastHeader(_ protocolNumber: UInt8) -> Int {
    switch protocolNumber {
    case IPProtocol.tcp: TCPHeader.leastLength
    case IPProtocol.ah: AHHeader.fixedLength
    default: UDPHeader.length
    }
  }
}
