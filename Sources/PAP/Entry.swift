/// Which IPsec protocol a validation is for.
public enum IPsecProtocol: UInt8, Hashable, Sendable, Codable, CaseIterable {
  /// ESP and AH.
  case any = 0
  /// Encapsulating Security Payload, IP protocol 50 (RFC 4303).
  case esp = 50
  /// Authentication Header, IP protocol 51 (RFC 4302).
  case ah = 51

  /// `any`, `esp` or `ah`.
  public var name: String {
    switch self {
    case .any: "any"
    case .esp: "esp"
    case .ah: "ah"
    }
  }

  /// Reads a name as `name` writes it; nil for anything else.
  public init?(name: some StringProtocol) {
    guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = found
  }

  /// Reads the name.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let found = Self(name: text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is not esp, ah or any")
    }
    self = found
  }

  /// Writes the name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}

/// One validated external address, as options 4 and 5 carry it (pap.md, section 5).
public struct Entry: Hashable, Sendable {
  /// The peer's address.
  public var address: IPv4Address
  /// The protocol that the entry admits.
  public var ipsecProtocol: IPsecProtocol
  /// The host's own SPI, or nil for every SPI that the host holds.
  public var spiIn: SPI?
  /// The peer's SPI, or nil where it is not known.
  public var spiOut: SPI?

  /// Makes an entry.
  public init(
    address: IPv4Address, ipsecProtocol: IPsecProtocol, spiIn: SPI? = nil, spiOut: SPI? = nil
  ) {
    self.address = address
    self.ipsecProtocol = ipsecProtocol
    self.spiIn = spiIn
    self.spiOut = spiOut
  }
}
