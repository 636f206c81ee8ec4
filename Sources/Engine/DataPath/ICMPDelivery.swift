/// Whom ICMP errors concern: the host that sent what an error from outside quotes, or that got what a
/// host's own error quotes (design.md, sections 3.1 and 3.2; RFC 5508, section 4).
///
/// An error changes nothing here, whatever it says, and is passed on as it is: quote, MTU and all
/// (RFC 5927 tells why, RFC 1191 what for). Its checksum covers nothing that the router changes; the
/// receiver verifies it.
extension TableReader {
  /// The host that sent the packet which an error from outside quotes.
  ///
  /// Throws `icmpNoOwner` if no host can have sent it.
  func sender(
    ofQuoted quoted: QuotedPacket, external: UInt32, responder: UInt16, now: UInt64
  ) throws(DropReason) -> UInt16 {
    guard quoted.source == external else { throw .icmpNoOwner }
    let host = sender(of: quoted, responder: responder, now: now)
    guard host != 0 else { throw .icmpNoOwner }
    return host
  }

  private func sender(of quoted: QuotedPacket, responder: UInt16, now: UInt64) -> UInt16 {
    let (payload, peer) = (quoted.payload, quoted.destination)
    switch quoted.protocolNumber {
    case IPProtocol.esp:
      return sender(
        outboundSPI: payload.word32(at: 0), protocolNumber: IPProtocol.esp, peer: peer, now: now)
    case IPProtocol.ah:
      return sender(
        outboundSPI: payload.word32(at: 4), protocolNumber: IPProtocol.ah, peer: peer, now: now)
    case IPProtocol.tcp:
      return directory.host(ofPort: payload.word16(at: 0))
    case IPProtocol.udp:
      return sender(ofDatagram: payload, peer: peer, responder: responder, now: now)
    case IPProtocol.icmp:
      guard ICMPHeader.isQuery(type: payload.octet(at: 0)) else { return 0 }
      return directory.host(ofPort: payload.word16(at: ICMPHeader.Offset.identifier))
    default:
      return 0
    }
  }

  private func sender(
    ofDatagram datagram: PacketBytes, peer: UInt32, responder: UInt16, now: UInt64
  ) -> UInt16 {
    let port = datagram.word16(at: 0)
    guard UDPPort.isIKE(port) else { return directory.host(ofPort: port) }
    switch QuotedNATTraversal(datagram.dropFirst(UDPHeader.length), port: port) {
    case .esp(let spi):
      return sender(outboundSPI: spi, protocolNumber: IPProtocol.esp, peer: peer, now: now)
    case .ike(let bytes):
      guard let message = QuotedIKE(bytes) else { return 0 }
      // A responder that asked for a cookie had not chosen an SPI.
      if message.isFromResponder, message.senderSPIs.first == 0 { return responder }
      return holder(of: message.senderSPIs, peer: peer, now: now)
    case nil:
      return 0
    }
  }

  /// Checks that the packet which a host's error quotes was one for that host, from where the error
  /// goes.
  func check(
    _ quoted: QuotedPacket, quotedBy host: UInt16, in packet: IPv4Header, responder: UInt16,
    now: UInt64
  ) throws(DropReason) {
    guard quoted.destination == packet.source, quoted.source == packet.destination,
      receiver(of: quoted, responder: responder, now: now) == host
    else { throw .icmpNoOwner }
  }

  private func receiver(of quoted: QuotedPacket, responder: UInt16, now: UInt64) -> UInt16 {
    let payload = quoted.payload
    switch quoted.protocolNumber {
    case IPProtocol.esp:
      return holder(ofSPI: payload.word32(at: 0))
    case IPProtocol.ah:
      return holder(ofSPI: payload.word32(at: 4))
    case IPProtocol.tcp:
      return directory.host(ofPort: payload.word16(at: 2))
    case IPProtocol.udp:
      return receiver(
        ofDatagram: payload, peer: quoted.source, responder: responder, now: now)
    case IPProtocol.icmp:
      guard ICMPHeader.isReply(type: payload.octet(at: 0)) else { return 0 }
      return directory.host(ofPort: payload.word16(at: ICMPHeader.Offset.identifier))
    default:
      return 0
    }
  }

  private func receiver(
    ofDatagram datagram: PacketBytes, peer: UInt32, responder: UInt16, now: UInt64
  ) -> UInt16 {
    let port = datagram.word16(at: 2)
    guard UDPPort.isIKE(port) else { return directory.host(ofPort: port) }
    switch QuotedNATTraversal(datagram.dropFirst(UDPHeader.length), port: port) {
    case .esp(let spi):
      return holder(ofSPI: spi)
    case .ike(let bytes):
      guard let message = QuotedIKE(bytes) else { return 0 }
      let host = holder(of: message.receiverSPIs, peer: peer, now: now)
      return host == 0 && message.responderSPI == 0 ? responder : host
    case nil:
      return 0
    }
  }

  private func holder(ofSPI spi: UInt32) -> UInt16 {
    spi < 256 ? 0 : host(ofSPI: spi)
  }
}
