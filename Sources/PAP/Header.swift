/// The first 16 octets of a message as they stand on the wire (pap.md, section 3).
///
/// It can be read although the rest of the message is bad, so that a refusal can name the request.
/// Nothing is checked but that 16 octets are there; `Message` does the rest.
package struct Header: Hashable, Sendable {
  /// The protocol version; 2 in everything this program sends.
  package var version: UInt8
  /// The type octet, the response bit included.
  package var typeOctet: UInt8
  /// The result in a response, 0 in a request.
  package var codeOctet: UInt8
  /// Always 0 in a valid message.
  package var flags: UInt8
  /// The length that the message claims to have, in octets.
  package var length: UInt16
  /// The requester's number for the exchange, echoed in the response.
  package var transactionID: UInt32
  /// The router's state epoch, or the last one that the host saw; 0 for none.
  package var epoch: UInt32

  /// Makes the header of a message to send; the length is filled in when it is encoded.
  package init(typeOctet: UInt8, code: ResultCode, transactionID: UInt32, epoch: UInt32) {
    version = WireFormat.version
    self.typeOctet = typeOctet
    codeOctet = code.rawValue
    flags = 0
    length = 0
    self.transactionID = transactionID
    self.epoch = epoch
  }

  /// Reads the first 16 octets; nil where there are fewer.
  package init?(reading bytes: [UInt8]) {
    guard bytes.count >= WireFormat.headerLength else { return nil }
    let octets = bytes[...]
    version = octets.octet(at: WireFormat.HeaderOffset.version)
    typeOctet = octets.octet(at: WireFormat.HeaderOffset.type)
    codeOctet = octets.octet(at: WireFormat.HeaderOffset.code)
    flags = octets.octet(at: WireFormat.HeaderOffset.flags)
    length = octets.uint16(at: WireFormat.HeaderOffset.length)
    transactionID = octets.uint32(at: WireFormat.HeaderOffset.transactionID)
    epoch = octets.uint32(at: WireFormat.HeaderOffset.epoch)
  }

  /// Whether the type octet marks a response, which is never answered.
  package var isResponse: Bool { typeOctet & WireFormat.responseBit != 0 }

  /// The type, or nil where it is none that pap.md knows: `announce` has no response.
  package var type: MessageType? {
    let type = MessageType(rawValue: typeOctet & ~WireFormat.responseBit)
    return isResponse && type?.hasResponse == false ? nil : type
  }

  /// The header of the answer to this request, whether its type is known or not.
  package func response(_ code: ResultCode, epoch: UInt32) -> Header {
    Header(
      typeOctet: typeOctet | WireFormat.responseBit, code: code, transactionID: transactionID,
      epoch: epoch)
  }
}
