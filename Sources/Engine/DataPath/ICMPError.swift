/// The errors by which the router tells a sender why its packet went no further (RFC 792).
enum ICMPError {
  /// The time to live ran out on the way (type 11, code 0).
  case timeExceeded
  /// The packet is larger than the next hop takes, and may not be fragmented (type 3, code 4).
  case fragmentationNeeded(mtu: UInt16)
  /// The host cannot be reached (type 3, code 1).
  case hostUnreachable

  /// Octets before the quoted packet: an IP header and the ICMP header.
  static let headerLength = IPv4Header.length + ICMPHeader.length
  /// The error as a whole is at most this long (RFC 1812, section 4.3.2.3).
  static let greatestLength = 576
  /// Precedence "internetwork control" (RFC 1812, section 4.3.2.5).
  static let typeOfService: UInt8 = 0xc0

  /// Whether an error may be sent about the packet: not about another error, nor about fragments
  /// but the first, nor to what is not one host (RFC 1812, section 4.3.2.7).
  static func mayBeSent(about packet: IPv4Header) -> Bool {
    guard !packet.isLaterFragment, AddressRules.isUnicast(packet.source) else { return false }
    guard packet.protocolNumber == IPProtocol.icmp else { return true }
    let payload = packet.payload
    // A message too short to say what it is may be an error as well.
    guard payload.count > ICMPHeader.Offset.type else { return false }
    return !ICMPHeader.isError(type: payload.octet(at: ICMPHeader.Offset.type))
  }

  /// Writes the error around the packet that it quotes: headers into the room before it.
  ///
  /// - Returns: the error's length; it begins `headerLength` before the packet.
  func write(
    before quoted: IPv4Header, from source: UInt32, identification: UInt16
  ) -> Int {
    let quote = quoted.bytes.prefix(
      min(quoted.totalLength, Self.greatestLength - Self.headerLength))
    let length = Self.headerLength + quote.count
    writeMessage(before: quote)
    IPv4Header.write(
      IPv4Header.Fields(
        typeOfService: Self.typeOfService, totalLength: length, identification: identification,
        protocolNumber: IPProtocol.icmp, source: source, destination: quoted.source),
      to: quote, at: -Self.headerLength)
    return length
  }

  private func writeMessage(before quote: PacketBytes) {
    let start = -ICMPHeader.length
    var checksum = InternetChecksum()
    checksum.add(typeAndCode)
    checksum.add(nextHopMTU)
    checksum.add(quote)
    quote.set(typeAndCode, at: start + ICMPHeader.Offset.type)
    quote.set(checksum.value, at: start + ICMPHeader.Offset.checksum)
    quote.set(UInt16(0), at: start + ICMPHeader.Offset.identifier)
    quote.set(nextHopMTU, at: start + ICMPHeader.Offset.nextHopMTU)
  }

  private var typeAndCode: UInt16 {
    switch self {
    case .timeExceeded: UInt16(ICMPHeader.MessageType.timeExceeded) << 8
    case .fragmentationNeeded: UInt16(ICMPHeader.MessageType.destinationUnreachable) << 8 | 4
    case .hostUnreachable: UInt16(ICMPHeader.MessageType.destinationUnreachable) << 8 | 1
    }
  }

  private var nextHopMTU: UInt16 {
    if case .fragmentationNeeded(let mtu) = self { mtu } else { 0 }
  }
}
