extension Message {
  /// The message as octets, ready to send.
  ///
  /// - Precondition: it takes at most 1,400 octets, nonces and tags have 16, and entry results are
  ///   at most 96.
  package func encoded() -> [UInt8] { header.encoded(options: options) }
}

extension Header {
  /// The header, its length filled in, and the options behind it: the form in which a message of a
  /// type that this program does not know is answered.
  ///
  /// - Precondition: as for `Message.encoded()`.
  package func encoded(options: [Message.Option]) -> [UInt8] {
    var bytes: [UInt8] = [version, typeOctet, codeOctet, flags]
    // Length, known at the end, and the reserved octets.
    bytes.append(bigEndian: UInt32(0))
    bytes.append(bigEndian: transactionID)
    bytes.append(bigEndian: epoch)
    for option in options { option.encode(into: &bytes) }
    precondition(bytes.count <= WireFormat.longestMessage, "a message has at most 1400 octets")
    bytes[WireFormat.HeaderOffset.length] = UInt8(bytes.count >> 8)
    bytes[WireFormat.HeaderOffset.length + 1] = UInt8(bytes.count & 0xff)
    return bytes
  }
}

extension Message.Option {
  /// Adds kind, reserved octet, length, value and padding.
  func encode(into bytes: inout [UInt8]) {
    let value = value
    precondition(kind.valueLength.contains(value.count), "an option's value has a wrong length")
    bytes.append(kind.rawValue)
    bytes.append(0)
    bytes.append(bigEndian: UInt16(value.count))
    bytes += value
    bytes += repeatElement(0, count: WireFormat.padded(value.count) - value.count)
  }

  private var value: [UInt8] {
    var value: [UInt8] = []
    switch self {
    case .lifetime(let seconds): value.append(bigEndian: seconds)
    case .ports(let first, let count), .part(let first, let count):
      value.append(bigEndian: first)
      value.append(bigEndian: count)
    case .spis(let first, let count):
      value.append(bigEndian: first)
      value.append(bigEndian: count)
    case .validAddress(let entry), .invalidAddress(let entry): entry.encode(into: &value)
    case .externalAddress(let address): value.append(bigEndian: address.rawValue)
    case .tunnelEndpoint(let address, let mtu):
      value.append(bigEndian: address.rawValue)
      value += [OptionDecoder.ipInIP, 0]
      value.append(bigEndian: mtu)
    case .ikeLabel(let label):
      value.append(bigEndian: label.label)
      value.append(bigEndian: label.mask)
    case .preferFailure: break
    case .session(let id, let nonce):
      value.append(bigEndian: id)
      value += nonce
    case .hostName(let name): value = WireText.clean(name, limit: WireFormat.longestHostName)
    case .reason(let text): value = WireText.clean(text, limit: WireFormat.longestReason)
    case .entryResults(let codes): value = codes.map(\.rawValue)
    case .authentication(let authentication): authentication.encode(into: &value)
    }
    return value
  }
}

extension Entry {
  fileprivate func encode(into value: inout [UInt8]) {
    value.append(bigEndian: address.rawValue)
    value += [ipsecProtocol.rawValue, 0, 0, 0]
    value.append(bigEndian: spiIn?.rawValue ?? 0)
    value.append(bigEndian: spiOut?.rawValue ?? 0)
  }
}

extension Authentication {
  fileprivate func encode(into value: inout [UInt8]) {
    value.append(bigEndian: keyID)
    value.append(bigEndian: sessionID)
    value.append(bigEndian: sequence)
    value += tag
  }
}
