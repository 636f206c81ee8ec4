/// What a filter says, before anybody knows which fields there are.
indirect enum FilterTree: Equatable, Sendable {
  /// Holds where all hold, so an empty one always does.
  case all([FilterTree])
  /// Holds where one holds.
  case any([FilterTree])
  case not(FilterTree)
  /// A word by itself.
  case word(FilterPiece)
  case comparison(field: FilterPiece, FilterOperator, FilterOperand)
  case shorthand(FilterShorthand, FilterPiece)
  /// The rows that the operator has marked.
  case marked
}

/// A piece of a filter as it was written, without quotes.
struct FilterPiece: Equatable, Sendable {
  var text: String
  /// Where it begins, counted in characters from 1.
  var column: Int
  /// Whether some of it stood in quotes, so that its signs mean themselves.
  var isQuoted = false

  func error(_ message: String) -> ControlError {
    ControlError(.badFilter, message, column: column)
  }
}

/// How a field is compared.
enum FilterOperator: String, Sendable {
  case equal = "="
  case unequal = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case contains = "~"
  case isIn = "in"

  /// The signs, those first that begin with another one.
  static let signs: [FilterOperator] = [
    .unequal, .lessOrEqual, .greaterOrEqual, .equal, .less, .greater, .contains,
  ]

  /// Whether it asks for more or less, so that only one value can follow.
  var isOrder: Bool {
    switch self {
    case .less, .lessOrEqual, .greater, .greaterOrEqual: true
    case .equal, .unequal, .contains, .isIn: false
    }
  }
}

/// What a field is compared with.
enum FilterOperand: Equatable, Sendable {
  /// Nothing was written: the field is null.
  case none
  case one(FilterPiece)
  case set([FilterPiece])
}

/// A word that stands for several comparisons.
enum FilterShorthand: String, Sendable {
  /// An address, or the name of a host, wherever it stands.
  case host
  /// A prefix, wherever an address of it stands.
  case net
  /// An SPI, in either direction.
  case spi
  /// A time, counted back from now.
  case last
}
