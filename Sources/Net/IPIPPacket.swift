internal import PAP

/// What an inside host's tunnel lets through (RFC 2003, RFC 6040).
///
/// Pure: no system calls.
struct IPIPPacket {
  /// The router's tunnel endpoint.
  let remote: IPv4Address
  /// The one address that packets in the tunnel come from and go to on this side.
  let inner: IPv4Address

  /// The octets of an IPv4 header that are used here (RFC 791, section 3.1).
  private enum Offset {
    static let versionAndLength = 0
    static let typeOfService = 1
    static let totalLength = 2
    static let protocolNumber = 9
    static let checksum = 10
    static let source = 12
    static let destination = 16
  }

  private static let shortestHeader = 20
  private static let ipInIP: UInt8 = 4

  /// The packet inside one that came from the tunnel, its congestion mark brought up to date; nil if
  /// it must not go further.
  ///
  /// - Parameter outer: a whole IPv4 packet, header included, as raw sockets give it.
  /// - Returns: where in `outer` the inner packet lies.
  func received(_ outer: UnsafeMutableRawBufferPointer) -> Range<Int>? {
    guard let header = unsafe Self.headerLength(UnsafeRawBufferPointer(outer)),
      unsafe outer[Offset.protocolNumber] == Self.ipInIP,
      unsafe Self.number(UnsafeRawBufferPointer(outer), Offset.source) == remote.rawValue
    else { return nil }
    let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: outer[header...])
    guard unsafe Self.headerLength(UnsafeRawBufferPointer(rest)) != nil,
      unsafe Self.number(UnsafeRawBufferPointer(rest), Offset.destination) == inner.rawValue,
      unsafe Self.mark(rest, outerMark: outer[Offset.typeOfService] & 3)
    else { return nil }
    return unsafe header..<header + Self.totalLength(UnsafeRawBufferPointer(rest))
  }

  /// Whether a packet that this machine routes to the tunnel may go into it.
  ///
  /// The router counts what has another source against the host.
  func maySend(_ packet: UnsafeRawBufferPointer) -> Bool {
    guard unsafe Self.headerLength(packet) != nil else { return false }
    return unsafe Self.number(packet, Offset.source) == inner.rawValue
  }

  /// The length of the header, after which `totalLength` octets are known to be there; nil if this is
  /// no whole IPv4 packet.
  private static func headerLength(_ packet: UnsafeRawBufferPointer) -> Int? {
    guard packet.count >= shortestHeader, unsafe packet[Offset.versionAndLength] >> 4 == 4 else {
      return nil
    }
    let length = unsafe Int(packet[Offset.versionAndLength] & 15) &* 4
    let total = unsafe totalLength(packet)
    return length >= shortestHeader && total >= length && total <= packet.count ? length : nil
  }

  private static func totalLength(_ packet: UnsafeRawBufferPointer) -> Int {
    unsafe Int(packet[Offset.totalLength]) << 8 | Int(packet[Offset.totalLength + 1])
  }

  private static func number(_ packet: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
    // Within the shortest header, whose presence was checked.
    unsafe UInt32(bigEndian: packet.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// Brings the congestion mark of the outer header into the inner one (RFC 6040, figure 4).
  ///
  /// False if the packet is to be dropped: congestion was met, and its sender would not understand.
  private static func mark(_ packet: UnsafeMutableRawBufferPointer, outerMark: UInt8) -> Bool {
    let old = unsafe packet[Offset.typeOfService]
    let new: UInt8
    switch (old & 3, outerMark) {
    case (0, 3): return false
    case (1...2, 3): new = old | 3
    case (2, 1): new = old & ~3 | 1
    default: return true
    }
    unsafe packet[Offset.typeOfService] = new
    // RFC 1624, equation 3: the changed octet is the low half of the header's first word.
    let checksum =
      unsafe UInt32(packet[Offset.checksum]) << 8 | UInt32(packet[Offset.checksum + 1])
    var sum = (~checksum & 0xffff) &+ (~UInt32(old) & 0xffff) &+ UInt32(new)
    sum = (sum & 0xffff) &+ sum >> 16
    sum = (sum & 0xffff) &+ sum >> 16
    unsafe packet[Offset.checksum] = UInt8(truncatingIfNeeded: ~sum >> 8)
    unsafe packet[Offset.checksum + 1] = UInt8(truncatingIfNeeded: ~sum)
    return true
  }
}
