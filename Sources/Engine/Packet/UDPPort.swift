/// The two UDP ports of IKE.
enum UDPPort {
  /// IKE (RFC 7296, section 2).
  static let ike: UInt16 = 500
  /// IKE and ESP behind address translation (RFC 3948).
  static let natTraversal: UInt16 = 4500

  /// Whether IKE has the port, whoever holds the block that it lies in.
  static func isIKE(_ port: UInt16) -> Bool { port == ike || port == natTraversal }
}

/// What a datagram to or from port 4500 holds (RFC 3948, section 2).
enum NATTraversalPayload {
  /// One octet 0xff: keeps a translation alive, and says nothing (section 2.3).
  case keepalive
  /// Four octets 0, the "non-ESP marker", and then IKE (section 2.2).
  case ike(PacketBytes)
  /// ESP, whose first word, the SPI, is not 0 (section 2.1).
  case esp(PacketBytes)

  private static let markerLength = 4

  /// Throws `malformed` for less than four octets other than a keepalive.
  @inline(__always)
  init(_ payload: PacketBytes) throws(DropReason) {
    if payload.count == 1, payload.octet(at: 0) == 0xff {
      self = .keepalive
      return
    }
    guard payload.count >= Self.markerLength else { throw .malformed }
    if payload.word32(at: 0) == 0 {
      self = .ike(payload.dropFirst(Self.markerLength))
    } else {
      self = .esp(payload)
    }
  }
}
