/// Reads the value of one option of a known kind.
struct OptionDecoder {
  let kind: OptionKind
  let raw: RawOption
  let header: Header

  private var value: ArraySlice<UInt8> { raw.value }

  /// The option.
  ///
  /// The length is checked here, once; every read below lies within it.
  func option() throws(PAPDecodingError) -> Message.Option {
    guard kind.valueLength.contains(value.count) else {
      throw header.error(
        .wrongOptionLength(kind, got: value.count, wanted: kind.valueLength), at: raw.offset + 2)
    }
    switch kind {
    case .lifetime: return .lifetime(value.uint32(at: 0))
    case .ports: return .ports(first: value.uint16(at: 0), count: value.uint16(at: 2))
    case .spis: return .spis(first: value.uint32(at: 0), count: value.uint32(at: 4))
    case .validAddress: return .validAddress(try entry())
    case .invalidAddress: return .invalidAddress(try entry())
    case .externalAddress: return .externalAddress(address)
    case .tunnelEndpoint: return try tunnelEndpoint()
    case .ikeLabel: return .ikeLabel(ikeLabel)
    case .preferFailure: return .preferFailure
    case .part: return try part()
    case .session:
      let nonce = value.octets(at: 4, count: WireFormat.nonceLength)
      return .session(id: value.uint32(at: 0), nonce: nonce)
    case .hostName: return .hostName(try text())
    case .reason: return .reason(try text())
    case .entryResults: return .entryResults(try entryResults())
    case .authentication: return .authentication(Authentication(value: value))
    }
  }

  private var address: IPv4Address { IPv4Address(rawValue: value.uint32(at: 0)) }

  private var ikeLabel: IKELabel {
    IKELabel(label: value.uint64(at: 0), mask: value.uint64(at: 8))
  }

  private func entry() throws(PAPDecodingError) -> Entry {
    guard let ipsecProtocol = IPsecProtocol(rawValue: value.octet(at: 4)) else {
      throw error(.unknownValue(.entryProtocol, got: value.octet(at: 4)), at: 4)
    }
    for index in 5...7 where value.octet(at: index) != 0 {
      throw error(.notZero(.entryReserved, got: value.octet(at: index)), at: index)
    }
    return Entry(
      address: address, ipsecProtocol: ipsecProtocol, spiIn: spi(at: 8), spiOut: spi(at: 12))
  }

  private func spi(at offset: Int) -> SPI? {
    let number = value.uint32(at: offset)
    return number == 0 ? nil : SPI(rawValue: number)
  }

  private func tunnelEndpoint() throws(PAPDecodingError) -> Message.Option {
    guard value.octet(at: 4) == Self.ipInIP else {
      throw error(.unknownValue(.tunnelType, got: value.octet(at: 4)), at: 4)
    }
    return .tunnelEndpoint(address, mtu: value.uint16(at: 6))
  }

  /// The only tunnel type, IP-in-IP (RFC 2003).
  static let ipInIP: UInt8 = 4

  private func part() throws(PAPDecodingError) -> Message.Option {
    let index = value.uint16(at: 0)
    let total = value.uint16(at: 2)
    guard index < total else { throw error(.impossiblePart(index: index, total: total), at: 0) }
    return .part(index: index, total: total)
  }

  private func text() throws(PAPDecodingError) -> String {
    guard let text = String(validating: value, as: UTF8.self), !WireText.hasControls(text) else {
      throw error(.badText(kind), at: 0)
    }
    return text
  }

  private func entryResults() throws(PAPDecodingError) -> [ResultCode] {
    var codes: [ResultCode] = []
    for (index, octet) in value.enumerated() {
      guard let code = ResultCode(rawValue: octet) else {
        throw error(.unknownValue(.entryResult, got: octet), at: index)
      }
      codes.append(code)
    }
    return codes
  }

  private func error(_ fault: PAPDecodingError.Fault, at inner: Int) -> PAPDecodingError {
    header.error(fault, at: raw.offset + WireFormat.optionHeaderLength + inner)
  }
}
