extension Message {
  /// Reads a whole message and checks every rule of pap.md sections 3 to 5 that can be checked
  /// without knowing any state.
  ///
  /// Options from 128 that are not known are skipped. The tag is read, not verified: see
  /// `Authenticator`. No input traps.
  package init(decoding bytes: [UInt8]) throws(PAPDecodingError) {
    guard let header = Header(reading: bytes) else {
      throw PAPDecodingError(fault: .tooShort(octets: bytes.count), offset: 0, header: nil)
    }
    try Self.checkLength(of: bytes, header)
    guard header.flags == 0 else {
      throw header.error(.notZero(.flags, got: header.flags), at: WireFormat.HeaderOffset.flags)
    }
    guard let type = header.type else {
      throw header.error(
        .unsupportedType(header.typeOctet), at: WireFormat.HeaderOffset.type)
    }
    self.init(
      type: type, isResponse: header.isResponse, code: try Self.code(of: header),
      transactionID: header.transactionID, epoch: header.epoch)
    options = try Self.options(of: bytes, header: header, type: type)
  }

  private static func checkLength(
    of bytes: [UInt8], _ header: Header
  ) throws(PAPDecodingError) {
    let count = bytes.count
    guard Int(header.length) == count else {
      throw header.error(
        .wrongLength(stated: Int(header.length), actual: count), at: WireFormat.HeaderOffset.length)
    }
    guard header.version == WireFormat.version else {
      throw header.error(
        .unsupportedVersion(header.version), at: WireFormat.HeaderOffset.version)
    }
    guard count <= WireFormat.longestMessage else {
      throw header.error(.tooLong(octets: count), at: WireFormat.HeaderOffset.length)
    }
    guard count % WireFormat.alignment == 0 else {
      throw header.error(.unaligned(octets: count), at: WireFormat.HeaderOffset.length)
    }
  }

  private static func code(of header: Header) throws(PAPDecodingError) -> ResultCode {
    let got = header.codeOctet
    guard header.isResponse || got == 0 else {
      throw header.error(.notZero(.code, got: got), at: WireFormat.HeaderOffset.code)
    }
    guard let code = ResultCode(rawValue: got) else {
      throw header.error(.unknownValue(.code, got: got), at: WireFormat.HeaderOffset.code)
    }
    return code
  }

  private static func options(
    of bytes: [UInt8], header: Header, type: MessageType
  ) throws(PAPDecodingError) -> [Option] {
    var options: [Option] = []
    var counts: [OptionKind: Int] = [:]
    var walker = OptionWalker(bytes, header: header)
    while let raw = try walker.next() {
      guard let kind = OptionKind(rawValue: raw.kind) else {
        guard raw.kind >= OptionKind.firstSkippable else {
          throw header.error(.unsupportedOption(raw.kind), at: raw.offset)
        }
        continue
      }
      counts[kind, default: 0] += 1
      guard counts[kind, default: 0] <= kind.limit else {
        throw header.error(.repeatedOption(kind), at: raw.offset)
      }
      guard kind.onlyType == nil || kind.onlyType == type else {
        throw header.error(.misplacedOption(kind, type: type), at: raw.offset)
      }
      options.append(try OptionDecoder(kind: kind, raw: raw, header: header).option())
    }
    return options
  }
}

extension Header {
  /// The error that says what is wrong with the message of this header.
  func error(_ fault: PAPDecodingError.Fault, at offset: Int) -> PAPDecodingError {
    PAPDecodingError(fault: fault, offset: offset, header: self)
  }
}
