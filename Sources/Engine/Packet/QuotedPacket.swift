/// The packet that an ICMP error quotes: its header and the first octets after it, however much the
/// error's sender put in (RFC 792: 8 octets; RFC 1812, section 4.3.2.3: as much as 576 octets hold).
///
/// What the router lets through has no options and is at least 8 octets long after its header; a
/// quote that says otherwise is of no packet that went through it.
struct QuotedPacket {
  /// Octets after the header that every quote has.
  static let leastPayload = 8
  private static let versionAndLength: UInt8 = 0x45
  private static let fragmentOffsetMask: UInt16 = 0x1fff

  let source: UInt32
  let destination: UInt32
  let protocolNumber: UInt8
  /// What is quoted after the header, at least 8 octets; ends where the quote ends.
  let payload: PacketBytes

  /// Reads what follows the ICMP header.
  ///
  /// The quote's lengths and checksums are not looked at: some senders quote them changed. Throws
  /// `icmpNoOwner` if the quote is too short, not of IPv4 without options, or of a fragment that has
  /// no ports.
  init(_ quote: PacketBytes) throws(DropReason) {
    guard quote.count >= IPv4Header.length + Self.leastPayload,
      quote.octet(at: 0) == Self.versionAndLength,
      quote.word16(at: 6) & Self.fragmentOffsetMask == 0
    else { throw .icmpNoOwner }
    protocolNumber = quote.octet(at: 9)
    source = quote.word32(at: 12)
    destination = quote.word32(at: 16)
    payload = quote.dropFirst(IPv4Header.length)
  }
}

/// What a quoted datagram from or to one of the ports of IKE holds.
enum QuotedNATTraversal {
  /// IKE, as far as it is quoted.
  case ike(PacketBytes)
  /// ESP under this SPI.
  case esp(UInt32)

  /// Reads what follows the UDP header; nil if too little is quoted to say.
  init?(_ data: PacketBytes, port: UInt16) {
    guard port == UDPPort.natTraversal else {
      self = .ike(data)
      return
    }
    guard data.count >= 4 else { return nil }
    let word = data.word32(at: 0)
    self = word == 0 ? .ike(data.dropFirst(4)) : .esp(word)
  }
}
