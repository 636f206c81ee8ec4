/// An IPv4 address.
///
/// The raw value is in host byte order, so `192.0.2.1` is `0xc0000201`, and comparison follows the
/// order of the dotted text.
public struct IPv4Address: Hashable, Comparable, Sendable {
  /// The address as a number, host byte order.
  public let rawValue: UInt32

  /// Makes an address from its number in host byte order.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Reads a dotted quad: four decimal numbers from 0 to 255, without leading zeros or white space.
  ///
  /// Returns nil for anything else; the short and octal forms of `inet_aton` are refused on
  /// purpose.
  public init?(_ text: some StringProtocol) {
    var value: UInt32 = 0
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    for part in parts {
      guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (48...57).contains($0) }),
        part.utf8.count == 1 || part.utf8.first != 48, let octet = UInt8(part)
      else { return nil }
      value = value << 8 | UInt32(octet)
    }
    rawValue = value
  }

  public static func < (left: IPv4Address, right: IPv4Address) -> Bool {
    left.rawValue < right.rawValue
  }
}

extension IPv4Address: CustomStringConvertible {
  /// The dotted quad.
  public var description: String {
    "\(rawValue >> 24).\(rawValue >> 16 & 0xff).\(rawValue >> 8 & 0xff).\(rawValue & 0xff)"
  }
}

extension IPv4Address: Codable {
  /// Reads a dotted quad.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let address = IPv4Address(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is not an IPv4 address")
    }
    self = address
  }

  /// Writes the dotted quad.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
