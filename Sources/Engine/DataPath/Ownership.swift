/// What an outbound packet's sender claims to own by sending it.
enum OutboundUse: Equatable {
  /// All is the sender's own: the packet may go.
  case permitted
  /// A keepalive for a translation that does not exist here.
  case keepalive
}

extension TableReader {
  /// Checks that a host sends only from what it holds (design.md, section 3.2).
  ///
  /// `responder` is the host that gets unsolicited IKE, or 0.
  @inline(__always)
  func use(
    of packet: IPv4Header, by host: UInt16, responder: UInt16
  ) throws(DropReason) -> OutboundUse {
    switch packet.protocolNumber {
    case IPProtocol.esp:
      // The SPI is the peer's choice: nothing to own.
      _ = try ESPHeader(packet.payload)
      return .permitted
    case IPProtocol.ah:
      _ = try AHHeader(packet.payload)
      return .permitted
    case IPProtocol.udp:
      let datagram = try UDPHeader(packet.payload, isCut: packet.isCut)
      return try use(of: datagram, by: host, responder: responder)
    case IPProtocol.tcp:
      return try usePort(TCPHeader(packet.payload).sourcePort, by: host)
    case IPProtocol.icmp:
      return try use(of: ICMPHeader(packet.payload), by: host)
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
    of datagram: UDPHeader, by host: UInt16, responder: UInt16
  ) throws(DropReason) -> OutboundUse {
    switch datagram.sourcePort {
    case UDPPort.ike:
      return try use(of: IKEHeader(datagram.payload), by: host, responder: responder)
    case UDPPort.natTraversal:
      switch try NATTraversalPayload(datagram.payload) {
      case .keepalive: return .keepalive
      case .ike(let message): return try use(of: IKEHeader(message), by: host, responder: responder)
      case .esp(let packet):
        _ = try ESPHeader(packet)
        return .permitted
      }
    default:
      return try usePort(datagram.sourcePort, by: host)
    }
  }

  private func use(
    of message: IKEHeader, by host: UInt16, responder: UInt16
  ) throws(DropReason) -> OutboundUse {
    if message.majorVersion == 2 {
      if holder(ofIKESPI: message.senderSPI) == host { return .permitted }
      // A responder that asks for a cookie or another group has not chosen an SPI yet (RFC 7296,
      // section 2.6).
      if message.senderSPI == 0, !message.isFromInitiator, host == responder { return .permitted }
    } else if holder(ofIKESPI: message.initiatorSPI) == host
      || holder(ofIKESPI: message.responderSPI) == host
    {
      return .permitted
    }
    throw .ikeSPINotOwned
  }

  private func use(of message: ICMPHeader, by host: UInt16) throws(DropReason) -> OutboundUse {
    switch message.type {
    case ICMPHeader.MessageType.echoRequest, ICMPHeader.MessageType.echoReply,
      ICMPHeader.MessageType.timestampRequest, ICMPHeader.MessageType.timestampReply:
      return try usePort(message.identifier, by: host)
    case ICMPHeader.MessageType.destinationUnreachable, ICMPHeader.MessageType.timeExceeded,
      ICMPHeader.MessageType.parameterProblem:
      // Nobody owns an error whose quoted packet is not looked into.
      throw .icmpNoOwner
    default:
      throw .unsupportedProtocol
    }
  }
}
