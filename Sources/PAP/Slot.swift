/// The unit of the SPI lease: a 16-bit number, never 0 (pap.md, section 5).
///
/// Slot `s` stands for the 65,536 SPIs `s<<16` to `s<<16 | 0xffff`, for ESP and AH alike, and for
/// the IKE label `s<<48` under the mask `0xffff<<48`.
public struct Slot: Hashable, Comparable, Sendable {
  /// The number of SPIs in a slot.
  public static let spiCount: UInt32 = 65_536

  /// The number, 1 to 65,535.
  public let rawValue: UInt16

  /// Makes a slot from its number; nil for 0.
  public init?(rawValue: UInt16) {
    guard rawValue != 0 else { return nil }
    self.rawValue = rawValue
  }

  /// Reads `0x` and 1 to 4 hexadecimal digits; nil for anything else, and for 0.
  public init?(_ text: some StringProtocol) {
    guard let value = number(hexadecimal: text, mostDigits: 4) else { return nil }
    self.init(rawValue: UInt16(value))
  }

  /// The lowest SPI of the slot.
  public var firstSPI: SPI { SPI(rawValue: UInt32(rawValue) << 16) }
  /// The highest SPI of the slot.
  public var lastSPI: SPI { SPI(rawValue: UInt32(rawValue) << 16 | 0xffff) }
  /// What the host's IKE SPIs must begin with.
  public var ikeLabel: IKELabel { IKELabel(slot: self) }

  /// Whether the SPI lies in the slot.
  public func contains(_ spi: SPI) -> Bool { spi.rawValue >> 16 == UInt32(rawValue) }

  public static func < (left: Slot, right: Slot) -> Bool { left.rawValue < right.rawValue }
}

extension Slot: CustomStringConvertible {
  /// `0x` and 4 lower-case hexadecimal digits.
  public var description: String { hexadecimal(UInt64(rawValue), digits: 4) }
}

extension Slot: Codable {
  /// Reads the text form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let slot = Slot(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is not a slot")
    }
    self = slot
  }

  /// Writes the text form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// The bits that every IKE SPI of a host's own side carries, so that the router can tell whose an
/// inbound IKE message is (pap.md, sections 4 and 5).
public struct IKELabel: Hashable, Sendable {
  /// The value of the bits that `mask` selects, host byte order.
  public let label: UInt64
  /// The bits of the 64-bit IKE SPI that the label fixes, host byte order.
  public let mask: UInt64

  /// Makes a label from its two numbers, as they come in the IKE label option.
  public init(label: UInt64, mask: UInt64) {
    self.label = label
    self.mask = mask
  }

  /// The label of a slot: its number in the top 16 bits.
  public init(slot: Slot) {
    self.init(label: UInt64(slot.rawValue) << 48, mask: 0xffff << 48)
  }

  /// Whether an IKE SPI (host byte order) carries the label.
  public func matches(_ ikeSPI: UInt64) -> Bool { ikeSPI & mask == label }
}
