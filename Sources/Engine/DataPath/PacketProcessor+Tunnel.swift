// The way into the tunnel: the outer header, and packets that are too large for one.
extension PacketProcessor {
  /// Prepends the outer header to what lies at `offset` (RFC 2003, section 3.1).
  ///
  /// All but a few words of the header are constants of the program, so it is made from those and the
  /// inside address that the look-up gave: a template for each host would be one more line of memory
  /// to fetch.
  @inline(__always)
  mutating func encapsulate(
    _ bytes: PacketBytes, at offset: Int, length: Int, typeOfService: UInt8, dontFragment: Bool,
    to insideAddress: UInt32
  ) -> Output {
    let outer = Output(offset: offset &- IPv4Header.length, count: length &+ IPv4Header.length)
    // DSCP and ECN are the inner packet's (RFC 6040, section 4.1, normal mode).
    IPv4Header.write(
      IPv4Header.Fields(
        typeOfService: typeOfService, totalLength: outer.count,
        identification: nextIdentification(), dontFragment: dontFragment,
        protocolNumber: IPProtocol.ipv4, source: endpoint, destination: insideAddress),
      to: bytes, at: outer.offset)
    return outer
  }

  /// A packet larger than the tunnel takes: its sender is told, or it goes in pieces.
  mutating func deliverTooBig(
    _ packet: IPv4Header, to insideAddress: UInt32, reportingTo sender: NoticeRoute, _ now: UInt64
  ) -> Verdict {
    guard !packet.forbidsFragments else {
      let error = ICMPError.fragmentationNeeded(mtu: UInt16(truncatingIfNeeded: tunnelMTU))
      return .drop(.tooBig, notice: notice(error, about: packet, to: sender, now))
    }
    packet.decrementTimeToLive()
    let rest = PieceRest(insideAddress: insideAddress, endsOpen: packet.hasMoreFragments)
    packet.becomeFragment(payloadLength: piecePayload)
    let first = encapsulate(
      packet.bytes, at: 0, length: IPv4Header.length &+ piecePayload,
      typeOfService: packet.typeOfService, dontFragment: false, to: insideAddress)
    return .forwardPieces(first, rest)
  }

  /// The next piece of a packet, after one that has been written; nil if that was the last.
  ///
  /// The inner packet is fragmented, not the outer one (RFC 791, section 3.2): the host puts it
  /// together as if its peer had cut it, and no outer fragment crosses the inside network. Each
  /// piece is made where the packet lies: its headers overwrite the end of the piece before.
  /// `received` is the packet as it was read; it ends at `end`.
  mutating func nextPiece(
    after piece: Output, of received: PacketBytes, end: Int, _ rest: PieceRest
  ) -> Output? {
    let start = piece.offset &+ piece.count
    let inner = piece.offset &+ IPv4Header.length
    guard start < end, end <= received.count,
      let before = try? IPv4Header(received.dropFirst(inner))
    else { return nil }
    let payload = min(piecePayload, end &- start)
    let isLast = start &+ payload == end
    let header = start &- IPv4Header.length
    before.writeNext(
      payloadLength: payload, hasMoreFragments: !isLast || rest.endsOpen, to: received, at: header)
    return encapsulate(
      received, at: header, length: IPv4Header.length &+ payload,
      typeOfService: before.typeOfService, dontFragment: false, to: rest.insideAddress)
  }

  /// Octets of payload in each piece but the last: as many as fit, a multiple of 8; at least 48, so
  /// that a piece has room for the headers of the next.
  private var piecePayload: Int { (tunnelMTU &- IPv4Header.length) & ~(FragmentRange.unit &- 1) }
}
