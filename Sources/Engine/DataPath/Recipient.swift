/// Who an inbound packet is for, and what else must hold for it to get there.
enum Recipient: Equatable {
  /// The router itself: an echo request.
  case router
  /// Nobody: a keepalive.
  case nobody
  /// The host that holds the port, the identifier or the IKE SPI.
  case host(UInt16)
  /// The host that holds the SPI, if it has validated the source for it. `protocols` as in a cell.
  case association(UInt16, spi: UInt32, protocols: UInt32)
  /// The host that gets IKE which begins a conversation, at a limited rate.
  case responder(UInt16)
  /// The host that sent the packet which an ICMP error quotes, to that peer.
  case quoted(UInt16, peer: UInt32)
}

extension Recipient {
  /// The host, or 0.
  @inline(__always)
  var host: UInt16 {
    switch self {
    case .router, .nobody: 0
    case .host(let host), .responder(let host), .association(let host, _, _), .quoted(let host, _):
      host
    }
  }
}

extension TableReader {
  /// Who an inbound packet is for (design.md, section 3.1, the table).
  ///
  /// `responder` is the host that gets unsolicited IKE, or 0; `now` is in monotonic nanoseconds.
  @inline(__always)
  func recipient(
    of packet: IPv4Header, responder: UInt16, now: UInt64
  ) throws(DropReason) -> Recipient {
    switch packet.protocolNumber {
    case IPProtocol.esp:
      try holder(of: ESPHeader(packet.payload).spi, protocols: CellMeta.esp)
    case IPProtocol.ah:
      try holder(of: AHHeader(packet.payload).spi, protocols: CellMeta.ah)
    case IPProtocol.udp:
      try recipient(
        of: UDPHeader(packet.payload, isCut: packet.isCut), from: packet.source,
        responder: responder, now: now)
    case IPProtocol.tcp:
      try holder(ofPort: TCPHeader(packet.payload).destinationPort)
    case IPProtocol.icmp:
      try recipient(
        of: ICMPHeader(packet.payload), in: packet, responder: responder, now: now)
    default:
      throw .unsupportedProtocol
    }
  }

  /// Who holds an SPI.
  @inline(__always)
  func holder(of spi: UInt32, protocols: UInt32) throws(DropReason) -> Recipient {
    guard spi >= 256 else { throw .spiReserved }
    let host = host(ofSPI: spi)
    guard host != 0 else { throw .spiNotLeased }
    return .association(host, spi: spi, protocols: protocols)
  }

  private func holder(ofPort port: UInt16) throws(DropReason) -> Recipient {
    let host = directory.host(ofPort: port)
    guard host != 0 else { throw .portNotLeased }
    return .host(host)
  }

  private func recipient(
    of datagram: UDPHeader, from peer: UInt32, responder: UInt16, now: UInt64
  ) throws(DropReason) -> Recipient {
    switch datagram.destinationPort {
    case UDPPort.ike:
      try recipient(
        of: IKEHeader(datagram.payload), from: peer, responder: responder, now: now)
    case UDPPort.natTraversal:
      switch try NATTraversalPayload(datagram.payload) {
      case .keepalive: .nobody
      case .ike(let message):
        try recipient(of: IKEHeader(message), from: peer, responder: responder, now: now)
      case .esp(let packet): try holder(of: ESPHeader(packet).spi, protocols: CellMeta.esp)
      }
    default:
      try holder(ofPort: datagram.destinationPort)
    }
  }

  private func recipient(
    of message: IKEHeader, from peer: UInt32, responder: UInt16, now: UInt64
  ) throws(DropReason) -> Recipient {
    let host = holder(of: message.receiverSPIs, peer: peer, now: now)
    if host != 0 { return .host(host) }
    guard message.responderSPI == 0, responder != 0 else { throw .ikeNoOwner }
    return .responder(responder)
  }

  private func recipient(
    of message: ICMPHeader, in packet: IPv4Header, responder: UInt16, now: UInt64
  ) throws(DropReason) -> Recipient {
    switch message.type {
    case ICMPHeader.MessageType.echoRequest where message.code == 0:
      return .router
    case ICMPHeader.MessageType.echoReply, ICMPHeader.MessageType.timestampReply:
      let host = directory.host(ofPort: message.identifier)
      guard host != 0 else { throw .icmpNoOwner }
      return .host(host)
    case ICMPHeader.MessageType.destinationUnreachable, ICMPHeader.MessageType.timeExceeded,
      ICMPHeader.MessageType.parameterProblem:
      let quoted = try QuotedPacket(packet.payload.dropFirst(ICMPHeader.length))
      let host = try sender(
        ofQuoted: quoted, external: packet.destination, responder: responder, now: now)
      return .quoted(host, peer: quoted.destination)
    default:
      throw .unsupportedProtocol
    }
  }

  /// The host whose label an IKE SPI carries, or 0.
  func holder(ofIKESPI spi: UInt64) -> UInt16 {
    directory.host(ofSlot: UInt16(truncatingIfNeeded: spi >> 48))
  }
}
