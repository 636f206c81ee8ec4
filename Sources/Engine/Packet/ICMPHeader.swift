/// An ICMP message (RFC 792): type at 0, code at 1, checksum at 2, then in queries and replies an
/// identifier at 4 and a sequence number at 6.
struct ICMPHeader {
  static let length = 8

  enum Offset {
    static let type = 0
    static let code = 1
    static let checksum = 2
    static let identifier = 4
    /// Of "fragmentation needed": the MTU of the next hop (RFC 1191, section 4).
    static let nextHopMTU = 6
  }

  /// The types that the router tells apart (RFC 792).
  enum MessageType {
    static let echoReply: UInt8 = 0
    static let destinationUnreachable: UInt8 = 3
    static let echoRequest: UInt8 = 8
    static let timeExceeded: UInt8 = 11
    static let parameterProblem: UInt8 = 12
    static let timestampRequest: UInt8 = 13
    static let timestampReply: UInt8 = 14
    /// Two that are errors as well, though no router should send them (RFC 6633, RFC 1812, 4.3.3.2).
    static let sourceQuench: UInt8 = 4
    static let redirect: UInt8 = 5
  }

  let type: UInt8
  let code: UInt8
  /// The query's identifier; of no meaning in errors.
  let identifier: UInt16

  /// Throws `malformed` if there are less than 8 octets.
  @inline(__always)
  init(_ bytes: PacketBytes) throws(DropReason) {
    guard bytes.count >= Self.length else { throw .malformed }
    type = bytes.octet(at: Offset.type)
    code = bytes.octet(at: Offset.code)
    identifier = bytes.word16(at: Offset.identifier)
  }

  /// Whether messages of the type are what hosts ask or answer, by an identifier of their own.
  static func isQuery(type: UInt8) -> Bool {
    type == MessageType.echoRequest || type == MessageType.timestampRequest || isReply(type: type)
  }

  /// Whether messages of the type are answers that reach hosts by their identifier.
  static func isReply(type: UInt8) -> Bool {
    type == MessageType.echoReply || type == MessageType.timestampReply
  }

  /// Whether messages of the type report an error with another packet, which they quote.
  static func isError(type: UInt8) -> Bool {
    switch type {
    case MessageType.destinationUnreachable, MessageType.sourceQuench, MessageType.redirect,
      MessageType.timeExceeded, MessageType.parameterProblem:
      true
    default: false
    }
  }
}
