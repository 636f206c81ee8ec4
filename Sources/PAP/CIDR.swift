/// An IPv4 prefix, such as `192.0.2.0/24`, whose bits beyond the prefix length are always 0.
public struct CIDR: Hashable, Sendable {
  /// The lowest address of the prefix.
  public let address: IPv4Address
  /// The number of leading bits that count, 0 to 32.
  public let prefixLength: Int

  /// Makes the prefix of `prefixLength` bits that holds `address`.
  ///
  /// - Precondition: `prefixLength` is 0 to 32.
  public init(_ address: IPv4Address, prefixLength: Int = 32) {
    precondition((0...32).contains(prefixLength), "a prefix has 0 to 32 bits")
    self.prefixLength = prefixLength
    self.address = IPv4Address(rawValue: address.rawValue & Self.mask(of: prefixLength))
  }

  /// Reads `ADDRESS` (a prefix of 32 bits) or `ADDRESS/LENGTH`.
  ///
  /// Returns nil for anything else, an address with bits beyond the prefix included: `192.0.2.1/24`
  /// is more likely a slip than a wish to name 256 addresses.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let first = parts.first, let address = IPv4Address(first), parts.count <= 2 else {
      return nil
    }
    var length = 32
    if parts.count == 2 {
      guard let given = Self.prefixLength(parts[1]) else { return nil }
      length = given
    }
    self.init(address, prefixLength: length)
    guard self.address == address else { return nil }
  }

  /// The network mask, host byte order.
  public var mask: UInt32 { Self.mask(of: prefixLength) }

  /// Whether `other` lies in the prefix.
  public func contains(_ other: IPv4Address) -> Bool {
    other.rawValue & mask == address.rawValue
  }

  /// Whether all of `other` lies in the prefix.
  public func contains(_ other: CIDR) -> Bool {
    prefixLength <= other.prefixLength && contains(other.address)
  }

  /// One or two digits without a leading zero, at most 32.
  private static func prefixLength(_ text: some StringProtocol) -> Int? {
    guard (1...2).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }),
      text.utf8.count == 1 || text.utf8.first != 48, let length = Int(text), length <= 32
    else { return nil }
    return length
  }

  private static func mask(of length: Int) -> UInt32 {
    length == 0 ? 0 : ~0 << UInt32(32 - length)
  }
}

extension CIDR: CustomStringConvertible {
  /// `ADDRESS/LENGTH`, the length always written.
  public var description: String { "\(address)/\(prefixLength)" }
}

extension CIDR: Codable {
  /// Reads the text form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let prefix = CIDR(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is not an IPv4 prefix")
    }
    self = prefix
  }

  /// Writes the text form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
