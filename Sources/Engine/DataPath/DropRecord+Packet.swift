extension DropRecord {
  // Where things stand, for a packet that no parser accepted: as far as it goes.
  private static let headerLengthMask: UInt8 = 0x0f
  private static let fragmentOffsetMask: UInt16 = 0x1fff

  /// Describes a packet as far as it can be read, whatever is wrong with it.
  init(
    describing packet: PacketBytes, reason: DropReason, direction: Direction, host: UInt16,
    now: UInt64
  ) {
    time = now
    self.reason = reason
    self.direction = direction
    self.host = host
    length = UInt16(clamping: packet.count)
    head = PacketHead(of: packet)
    guard let addresses = IPv4Header.addresses(of: packet) else { return }
    hasAddresses = true
    source = addresses.source
    destination = addresses.destination
    ipProtocol = packet.octet(at: 9)
    let headerLength = Int(packet.octet(at: 0) & Self.headerLengthMask) * 4
    let isFirst = packet.word16(at: 6) & Self.fragmentOffsetMask == 0
    guard isFirst, headerLength >= IPv4Header.length, headerLength <= packet.count else { return }
    describe(payload: packet.dropFirst(headerLength))
  }

  private mutating func describe(payload: PacketBytes) {
    switch ipProtocol {
    case IPProtocol.esp: readSPI(payload, at: 0)
    case IPProtocol.ah: readSPI(payload, at: 4)
    case IPProtocol.tcp: readPorts(payload)
    case IPProtocol.udp:
      readPorts(payload)
      guard let datagram = try? UDPHeader(payload),
        datagram.sourcePort == UDPPort.natTraversal
          || datagram.destinationPort == UDPPort.natTraversal,
        case .esp(let packet)? = try? NATTraversalPayload(datagram.payload)
      else { return }
      readSPI(packet, at: 0)
    default: return
    }
  }

  private mutating func readSPI(_ bytes: PacketBytes, at offset: Int) {
    guard bytes.count >= offset + 4 else { return }
    spi = bytes.word32(at: offset)
    hasSPI = true
  }

  private mutating func readPorts(_ bytes: PacketBytes) {
    guard bytes.count >= 4 else { return }
    sourcePort = bytes.word16(at: 0)
    destinationPort = bytes.word16(at: 2)
    hasPorts = true
  }
}
