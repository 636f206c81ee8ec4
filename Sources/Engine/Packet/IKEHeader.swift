/// The header of an IKE message.
///
///     +---------------------------------------------------------------+
///     |                       IKE SA Initiator's SPI                  |   0
///     |                                                               |
///     +---------------------------------------------------------------+
///     |                       IKE SA Responder's SPI                  |   8
///     |                                                               |
///     +---------------+-------+-------+---------------+---------------+
///     |  Next Payload | MjVer | MnVer | Exchange Type |     Flags     |  16
///     +---------------+-------+-------+---------------+---------------+
///     |                          Message ID                           |  20
///     +---------------------------------------------------------------+
///     |                            Length                             |  24
///     +---------------------------------------------------------------+
///
/// RFC 7296, section 3.1. IKEv1 (RFC 2408, section 3.1) has two cookies in place of the SPIs and no
/// flag that tells who sent the message. The length field is left to the receiver.
struct IKEHeader {
  static let length = 28

  private enum Offset {
    static let initiatorSPI = 0
    static let responderSPI = 8
    static let version = 17
    static let flags = 19
  }

  // I: "sent by the original initiator of the IKE SA".
  private static let initiatorFlag: UInt8 = 0x08

  /// Host byte order.
  let initiatorSPI: UInt64
  /// Host byte order; 0 in the first message of an exchange.
  let responderSPI: UInt64
  let majorVersion: UInt8
  /// IKEv2 only: sent by who began the IKE SA.
  let isFromInitiator: Bool

  /// Throws `malformed` if there are less than 28 octets, or the version is neither 1 nor 2.
  init(_ bytes: PacketBytes) throws(DropReason) {
    guard bytes.count >= Self.length else { throw .malformed }
    initiatorSPI = bytes.word64(at: Offset.initiatorSPI)
    responderSPI = bytes.word64(at: Offset.responderSPI)
    majorVersion = bytes.octet(at: Offset.version) >> 4
    isFromInitiator = bytes.octet(at: Offset.flags) & Self.initiatorFlag != 0
    guard majorVersion == 1 || majorVersion == 2 else { throw .malformed }
  }

  /// The SPI that the receiver of the message chose, IKEv2.
  var receiverSPI: UInt64 { isFromInitiator ? responderSPI : initiatorSPI }
  /// The SPI that the sender of the message chose, IKEv2.
  var senderSPI: UInt64 { isFromInitiator ? initiatorSPI : responderSPI }
}
