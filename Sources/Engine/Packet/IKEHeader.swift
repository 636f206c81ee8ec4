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

  fileprivate enum Offset {
    static let initiatorSPI = 0
    static let responderSPI = 8
    static let version = 17
    static let exchange = 18
    static let flags = 19
  }

  // I: "sent by the original initiator of the IKE SA".
  fileprivate static let initiatorFlag: UInt8 = 0x08

  /// Host byte order.
  let initiatorSPI: UInt64
  /// Host byte order; 0 in the first message of an exchange.
  let responderSPI: UInt64
  let majorVersion: UInt8
  let exchangeType: UInt8
  /// IKEv2 only: sent by who began the IKE SA.
  let isFromInitiator: Bool

  /// Throws `malformed` if there are less than 28 octets, or the version is neither 1 nor 2.
  init(_ bytes: PacketBytes) throws(DropReason) {
    guard bytes.count >= Self.length else { throw .malformed }
    initiatorSPI = bytes.word64(at: Offset.initiatorSPI)
    responderSPI = bytes.word64(at: Offset.responderSPI)
    majorVersion = bytes.octet(at: Offset.version) >> 4
    exchangeType = bytes.octet(at: Offset.exchange)
    isFromInitiator = bytes.octet(at: Offset.flags) & Self.initiatorFlag != 0
    guard majorVersion == 1 || majorVersion == 2 else { throw .malformed }
  }

  /// The SPI that the receiver of the message chose, IKEv2.
  var receiverSPI: UInt64 { isFromInitiator ? responderSPI : initiatorSPI }
  /// The SPI that the sender of the message chose, IKEv2.
  var senderSPI: UInt64 { isFromInitiator ? initiatorSPI : responderSPI }
}

/// The IKE SPIs that one side of a conversation may have chosen: with IKEv2 it is known which one,
/// with IKEv1, and from a short quote, it may be either cookie.
struct IKESPIs: Equatable {
  var first: UInt64
  /// 0 for none.
  var second: UInt64 = 0
}

extension IKEHeader {
  /// What the receiver of the message chose.
  var receiverSPIs: IKESPIs { majorVersion == 2 ? IKESPIs(first: receiverSPI) : cookies }
  /// What the sender of the message chose.
  var senderSPIs: IKESPIs { majorVersion == 2 ? IKESPIs(first: senderSPI) : cookies }

  private var cookies: IKESPIs { IKESPIs(first: initiatorSPI, second: responderSPI) }
}

/// The start of an IKE message as an ICMP error quotes it: possibly not even its header.
struct QuotedIKE {
  /// What the sender of the quoted message chose.
  let senderSPIs: IKESPIs
  /// What its receiver chose.
  let receiverSPIs: IKESPIs
  /// 0 if it is not quoted.
  let responderSPI: UInt64
  /// IKEv2 only, and if that much is quoted: sent by who did not begin the IKE SA.
  let isFromResponder: Bool

  /// Nil if not even the initiator's SPI is quoted, or the version is neither 1 nor 2.
  init?(_ bytes: PacketBytes) {
    guard bytes.count >= 8 else { return nil }
    let initiator = bytes.word64(at: IKEHeader.Offset.initiatorSPI)
    responderSPI = bytes.count >= 16 ? bytes.word64(at: IKEHeader.Offset.responderSPI) : 0
    let either = IKESPIs(first: initiator, second: responderSPI)
    guard bytes.count > IKEHeader.Offset.flags else {
      (senderSPIs, receiverSPIs, isFromResponder) = (either, either, false)
      return
    }
    let version = bytes.octet(at: IKEHeader.Offset.version) >> 4
    guard version == 1 || version == 2 else { return nil }
    let flag = bytes.octet(at: IKEHeader.Offset.flags) & IKEHeader.initiatorFlag != 0
    isFromResponder = version == 2 && !flag
    let (began, answered) = (IKESPIs(first: initiator), IKESPIs(first: responderSPI))
    senderSPIs = version == 1 ? either : flag ? began : answered
    receiverSPIs = version == 1 ? either : flag ? answered : began
  }
}
