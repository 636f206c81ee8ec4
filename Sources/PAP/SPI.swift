/// A security parameters index: the 32-bit number that, with the address, names an inbound IPsec
/// security association (RFC 4301, section 4.1).
public struct SPI: Hashable, Comparable, Sendable {
  /// The first SPI that is not reserved (RFC 4303, section 2.1: 1 to 255 are IANA's, 0 is local).
  public static let firstUsable: UInt32 = 256

  /// The number, host byte order.
  public let rawValue: UInt32

  /// Makes an SPI from its number in host byte order.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Reads `0x` and 1 to 8 hexadecimal digits, or a decimal number; nil for anything else.
  public init?(_ text: some StringProtocol) {
    if let value = number(hexadecimal: text, mostDigits: 8) {
      rawValue = UInt32(value)
    } else {
      guard text.utf8.allSatisfy({ (48...57).contains($0) }), let value = UInt32(text) else {
        return nil
      }
      rawValue = value
    }
  }

  /// Whether the number is one of 0 to 255, which no security association may use.
  public var isReserved: Bool { rawValue < Self.firstUsable }

  /// The slot that the SPI lies in, or nil for the SPIs below `0x00010000`, which are in none.
  public var slot: Slot? { Slot(rawValue: UInt16(rawValue >> 16)) }

  public static func < (left: SPI, right: SPI) -> Bool { left.rawValue < right.rawValue }
}

extension SPI: CustomStringConvertible {
  /// `0x` and 8 lower-case hexadecimal digits.
  public var description: String { hexadecimal(UInt64(rawValue), digits: 8) }
}

extension SPI: Codable {
  /// Reads the text form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let spi = SPI(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is not an SPI")
    }
    self = spi
  }

  /// Writes the text form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
