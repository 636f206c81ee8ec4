/// The router's answer to an echo request for the shared address.
enum EchoReply {
  /// Turns a request into its reply, in place (RFC 792, page 14).
  ///
  /// - Throws: `malformed` if the request's checksum is wrong; for once the router is the receiver,
  ///   so nobody else would notice.
  static func write(over request: IPv4Header, identification: UInt16) throws(DropReason) {
    let message = request.payload
    guard checksum(of: message) == 0 else { throw .malformed }
    message.set(ICMPHeader.MessageType.echoReply, at: ICMPHeader.Offset.type)
    message.set(UInt16(0), at: ICMPHeader.Offset.checksum)
    // Made anew: an update of the old one cannot tell a sum of 0, that of a reply without anything in
    // it, from 0xffff.
    message.set(checksum(of: message), at: ICMPHeader.Offset.checksum)
    // DSCP as in the request (RFC 1812, section 4.3.2.5); an answer of our own is not ECN capable.
    IPv4Header.write(
      IPv4Header.Fields(
        typeOfService: request.typeOfService & ~3, totalLength: request.totalLength,
        identification: identification, dontFragment: request.forbidsFragments,
        protocolNumber: IPProtocol.icmp, source: request.destination,
        destination: request.source),
      to: request.bytes, at: 0)
  }

  private static func checksum(of message: PacketBytes) -> UInt16 {
    var checksum = InternetChecksum()
    checksum.add(message)
    return checksum.value
  }
}
