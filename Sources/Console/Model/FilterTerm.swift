/// One comparison of the filter language, as the console writes it.
struct FilterTerm: Equatable, Sendable {
  /// How the field is compared.
  enum Sign: String, Sendable {
    case equal = "="
    case unequal = "!="
    case atLeast = ">="
    case less = "<"
    case atMost = "<="
    case more = ">"

    /// That which lets through whatever has a value and is not let through.
    var opposite: Sign {
      switch self {
      case .equal: .unequal
      case .unequal: .equal
      case .atLeast: .less
      case .less: .atLeast
      case .atMost: .more
      case .more: .atMost
      }
    }
  }

  var field: String
  var sign = Sign.equal
  /// Empty for null, which only `=` and `!=` ask for.
  var value: String

  /// The term in the filter language.
  var text: String { "\(field)\(sign.rawValue)\(Self.quoted(value))" }

  /// The term that lets the other rows through.
  var negated: FilterTerm {
    var other = self
    other.sign = sign.opposite
    return other
  }

  /// `field=value` in the filter language.
  static func text(field: String, value: String) -> String {
    FilterTerm(field: field, value: value).text
  }

  /// A filter with one more term, which must hold too.
  static func adding(_ term: String, to filter: String) -> String {
    if filter.isEmpty { return term }
    let hasAlternatives = filter.split(separator: " ").contains { $0.lowercased() == "or" }
    return hasAlternatives ? "(\(filter)) \(term)" : "\(filter) \(term)"
  }

  private static func quoted(_ value: String) -> String {
    let plain = value.utf8.allSatisfy { octet in
      (0x30...0x39).contains(octet) || (0x61...0x7a).contains(octet | 0x20)
        || [0x2e, 0x2d, 0x2f, 0x3a, 0x5f].contains(octet)
    }
    return plain ? value : "\"\(value)\""
  }
}
