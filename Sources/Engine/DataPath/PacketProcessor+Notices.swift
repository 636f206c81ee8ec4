/// Where the sender of a packet is to be told of an error.
enum NoticeRoute {
  case outside
  /// Through the tunnel.
  case host(insideAddress: UInt32)
}

extension PacketProcessor {
  /// Tells a sender why its packet went no further, unless that may not be or was said too often.
  mutating func notice(
    _ error: ICMPError, about packet: IPv4Header, to sender: NoticeRoute, _ now: UInt64
  ) -> Output? {
    guard ICMPError.mayBeSent(about: packet), errors.admit(now: now) else { return nil }
    switch sender {
    case .outside:
      let length = error.write(
        before: packet, from: external, identification: nextIdentification())
      return Output(offset: -ICMPError.headerLength, count: length)
    case .host(let insideAddress):
      let length = error.write(
        before: packet, from: endpoint, identification: nextIdentification())
      return encapsulate(
        packet.bytes, at: -ICMPError.headerLength, length: length,
        typeOfService: ICMPError.typeOfService, dontFragment: false, to: insideAddress)
    }
  }
}
