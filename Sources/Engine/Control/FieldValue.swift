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

  /// The value as a number in whose order values of its kind stand; nil for texts and none.
  var order: UInt64? {
    switch self {
    case .number(let number), .moment(let number): number
    case .address(let number), .spi(let number): UInt64(number)
    case .network(let network):
      UInt64(network.address.rawValue) << 8 | UInt64(network.prefixLength)
    case .none, .text: nil
    }
  }
}

/// What the values of a field are, and so what a filter may compare them with.
package enum FieldKind: Sendable {
  case text
  /// Several texts with commas between them.
  case texts
  case number, address, network, spi
  /// A moment that has passed, by its age.
  case moment
  /// A moment to come, by the time that is left.
  case deadline
}

/// A field that every record of one kind has.
package struct Column<Record>: Sendable {
  /// The key of the row (design.md, section 5).
  package let name: String
  package let kind: FieldKind
  /// What else it may be called: the headings of the screen.
  package let aliases: [String]
  /// Whether the value may change without the row being noted as changed.
  package let isChanging: Bool
  package let value: @Sendable (Record) -> FieldValue

  package init(
    _ name: String, _ kind: FieldKind, _ aliases: String..., isChanging: Bool = false,
    _ value: @escaping @Sendable (Record) -> FieldValue
  ) {
    self.name = name
    self.kind = kind
    self.aliases = aliases
    self.isChanging = isChanging
    self.value = value
  }

  /// Whether the field is called so, in any case.
  func isCalled(_ word: String) -> Bool {
    name.lowercased() == word || aliases.contains { $0.lowercased() == word }
  }
}
