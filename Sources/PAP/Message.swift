/// One PAP/2 message as a value (pap.md, sections 3 and 4).
package struct Message: Hashable, Sendable {
  /// What it asks or tells.
  package var type: MessageType
  /// Whether it answers a request of that type.
  package var isResponse: Bool
  /// The result in a response; `success` in everything else.
  package var code: ResultCode
  /// The requester's number for the exchange, echoed in the response.
  package var transactionID: UInt32
  /// The router's state epoch, or the last one that the host saw; 0 for none.
  package var epoch: UInt32
  /// The options in the order in which they stand in the message.
  package var options: [Option]

  /// Makes a message of its parts.
  package init(
    type: MessageType, isResponse: Bool = false, code: ResultCode = .success,
    transactionID: UInt32, epoch: UInt32, options: [Option] = []
  ) {
    self.type = type
    self.isResponse = isResponse
    self.code = code
    self.transactionID = transactionID
    self.epoch = epoch
    self.options = options
  }

  /// The answer to this request.
  package func response(
    _ code: ResultCode, epoch: UInt32, options: [Option] = []
  ) -> Message {
    Message(
      type: type, isResponse: true, code: code, transactionID: transactionID, epoch: epoch,
      options: options)
  }

  /// The header that the message is sent with, its length not yet filled in.
  package var header: Header {
    Header(
      typeOctet: type.rawValue | (isResponse ? WireFormat.responseBit : 0), code: code,
      transactionID: transactionID, epoch: epoch)
  }
}
