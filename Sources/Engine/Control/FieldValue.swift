internal import Net
package import PAP

/// What stands in one field of a row, for filters and sorting.
package enum FieldValue: Hashable, Sendable {
  /// The field does not apply, JSON's null.
  case none
  case text(String)
  case number(UInt64)
  case address(UInt32)
  /// A prefix: its address and length.
  case network(CIDR)
  case spi(UInt32)
  /// A moment: nanoseconds since 1970.
  case moment(UInt64)

  /// The value as the row shows it; nil for none.
  var shown: String? {
    switch self {
    case .none: nil
    case .text(let text): text
    case .number(let number): String(number)
    case .address(let address): "\(IPv4Address(rawValue: address))"
    case .network(let network): "\(network)"
    case .spi(let spi): "\(SPI(rawValue: spi))"
    case .moment(let moment): Timestamp.text(moment)
    }
  }

  /// Whether the value comes before another of the same column; none comes before all.
  func precedes(_ other: FieldValue) -> Bool {
    switch (self, other) {
    case (.none, .none): false
    case (.none, _): true
    case (_, .none): false
    case (.text(let left), .text(let right)): left < right
    case (.network(let left), .network(let right)):
      (left.address, left.prefixLength) < (right.address, right.prefixLength)
    default: order < other.order
    }
  }

  private var order: UInt64 {
    switch self {
    case .number(let number), .moment(let number): number
    case .address(let number), .spi(let number): UInt64(number)
    case .none, .text, .network: 0
    }
  }
}

/// A field that every record of one kind has.
package struct Column<Record>: Sendable {
  /// What the field's values are, and so what a filter may compare them with.
  package enum Kind: Sendable { case text, number, address, network, spi, moment }

  /// The key of the row (design.md, section 5).
  package let name: String
  package let kind: Kind
  let value: @Sendable (Record) -> FieldValue

  init(_ name: String, _ kind: Kind, _ value: @escaping @Sendable (Record) -> FieldValue) {
    self.name = name
    self.kind = kind
    self.value = value
  }
}
