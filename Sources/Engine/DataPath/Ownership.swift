/// What an outbound packet's sender claims to own by sending it.
enum OutboundUse: Equatable {
  /// All is the sender's own: the packet may go.
  case permitted
  /// A keepalive for a translation that does not exist here.
  case keepalive
  /// An ICMP error about what the sender got: it may go, at a limited rate.
  case error
}

extension TableReader {
  /// Checks that a host sends only from what it holds (design.md, section 3.2), and learns what it
  /// holds from now on by sending.
  ///
  /// `responder` is the host that gets unsolicited IKE, or 0; `now` is in monotonic nanoseconds.
  @inline(__always)
  func use(
    of packet: IPv4Header, by host: UInt16, responder: UInt16, now: UInt64
  ) throws(DropReason) -> OutboundUse {
    switch packet.protocolNumber {
    case IPProtocol.esp:
      // The SPI is the peer's choice: nothing to own.
      let spi = try ESPHeader(packet.payload).spi
      learn(
        outboundSPI: spi, protocolNumber: IPProtocol.esp, host: host, peer: packet.destination,
        now: now)
      return .permitted
    case IPProtocol.ah:
      let spi = try AHHeader(packet.payload).spi
      learn(
        outboundSPI: spi, protocolNumber: IPProtocol.ah, host: host, peer: packet.destination,
        now: now)
      return .permitted
    case IPProtocol.udp:
      let datagram = try UDPHeader(packet.payload, isCut: packet.isCut)
      return try use(
        of: datagram, to: packet.destination, by: host, responder: responder, now: now)
    case IPProtocol.tcp:
      return try usePort(TCPHeader(packet.payload).sourcePort, by: host)
    case IPProtocol.icmp:
      return try use(
        of: ICMPHeader(packet.payload), in: packet, by: host, responder: responder, now: now)
    case IPProtocol.ipv4, IPProtocol.ipv6, IPProtocol.gre:
      throw .tunnelNested
    default:
      throw .unsupportedProtocol
    }
  }

  private func usePort(_ port: UInt16, by host: UInt16) throws(DropReason) -> OutboundUse {
    guard directory.host(ofPort: port) == host else { throw .portNotOwned }
    return .permitted
  }

  private func use(
    of datagram: UDPHeader, to peer: UInt32, by host: UInt16, responder: UInt16, now: UInt64
  ) throws(DropReason) -> OutboundUse {
    switch datagram.sourcePort {
    case UDPPort.ike:
      return try use(
        of: IKEHeader(datagram.payload), to: peer, by: host, responder: responder, now: now)
    case UDPPort.natTraversal:
      switch try NATTraversalPayload(datagram.payload) {
      case .keepalive: return .keepalive
      case .ike(let message):
        return try use(of: IKEHeader(message), to: peer, by: host, responder: responder, now: now)
      case .esp(let packet):
        let spi = try ESPHeader(packet).spi
        learn(
          outboundSPI: spi, protocolNumber: IPProtocol.esp, host: host, peer: peer, now: now)
        return .permitted
      }
    default:
      return try usePort(datagram.sourcePort, by: host)
    }
  }

  private func use(
    of message: IKEHeader, to peer: UInt32, by host: UInt16, responder: UInt16, now: UInt64
  ) throws(DropReason) -> OutboundUse {
    if owns(message, host: host, peer: peer, now: now) {
      see(message, host: host, peer: peer, now: now)
      return .permitted
    }
    // A responder that asks for a cookie or another group has not chosen an SPI yet (RFC 7296,
    // section 2.6).
    guard message.majorVersion == 2, message.senderSPI == 0, !message.isFromInitiator,
      host == responder
    else { throw .ikeSPINotOwned }
    return .permitted
  }

  private func use(
    of message: ICMPHeader, in packet: IPv4Header, by host: UInt16, responder: UInt16, now: UInt64
  ) throws(DropReason) -> OutboundUse {
    switch message.type {
    case ICMPHeader.MessageType.echoRequest, ICMPHeader.MessageType.echoReply,
      ICMPHeader.MessageType.timestampRequest, ICMPHeader.MessageType.timestampReply:
      return try usePort(message.identifier, by: host)
    case ICMPHeader.MessageType.destinationUnreachable, ICMPHeader.MessageType.timeExceeded,
      ICMPHeader.MessageType.parameterProblem:
      let quoted = try QuotedPacket(packet.payload.dropFirst(ICMPHeader.length))
      try check(quoted, quotedBy: host, in: packet, responder: responder, now: now)
      return .error
    default:
      throw .unsupportedProtocol
    }
  }
}
