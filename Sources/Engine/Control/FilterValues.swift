internal import Net
internal import PAP

/// Reads what a field is compared with, as the field is.
struct FilterValues<Record> {
  let column: Column<Record>
  let sign: FilterOperator
  /// What time it is, nanoseconds since 1970.
  let now: UInt64

  /// What the field must be.
  ///
  /// For `!=` it is the opposite that is meant.
  func test(_ operand: FilterOperand) throws(ControlError) -> FilterTest {
    switch operand {
    case .none: return .isNone
    case .one(let piece): return try test(piece)
    case .set(let pieces):
      if sign.isOrder || sign == .contains {
        throw pieces[0].error("a set follows =, != or in; '\(sign.rawValue)' takes one value")
      }
      var tests: [FilterTest] = []
      for piece in pieces { tests.append(try test(piece)) }
      return .any(tests)
    }
  }

  private func test(_ piece: FilterPiece) throws(ControlError) -> FilterTest {
    if sign == .contains { return .contains(SearchWord(piece.text)) }
    switch column.kind {
    case .text, .texts:
      if sign.isOrder {
        throw piece.error("'\(column.name)' is a text, which is compared with =, !=, ~ or in")
      }
      return column.kind == .text ? .text(piece.text) : .element(piece.text)
    case .network:
      if sign.isOrder {
        throw piece.error("'\(column.name)' is a prefix, which is compared with =, !=, ~ or in")
      }
      return try prefix(piece)
    case .moment, .deadline:
      return try FilterTimes(column: column, sign: sign, now: now).test(piece)
    case .number, .address, .spi: return try inOrder(piece)
    }
  }

  private func prefix(_ piece: FilterPiece) throws(ControlError) -> FilterTest {
    guard let prefix = CIDR(piece.text) else { throw unreadable(piece) }
    return .within(prefix)
  }

  private func inOrder(_ piece: FilterPiece) throws(ControlError) -> FilterTest {
    let greatest: UInt64 = column.kind == .number ? .max : UInt64(UInt32.max)
    if let (first, last) = piece.range {
      if sign.isOrder {
        throw piece.error("a range follows =, != or in; '\(sign.rawValue)' takes one value")
      }
      let lower = first.text.isEmpty ? 0 : try values(first).lowerBound
      let upper = last.text.isEmpty ? greatest : try values(last).upperBound
      guard lower <= upper else { throw piece.error("this range ends before it begins") }
      return .range(lower...upper)
    }
    return sign.test(try values(piece))
  }

  private func values(_ piece: FilterPiece) throws(ControlError) -> ClosedRange<UInt64> {
    switch column.kind {
    case .number: if let number = Self.number(piece.text) { return number...number }
    case .spi: if let spis = Self.spis(piece.text) { return spis }
    default: if let prefix = CIDR(piece.text) { return ClosedRange(prefix) }
    }
    throw unreadable(piece)
  }

  private func unreadable(_ piece: FilterPiece) -> ControlError {
    let hint = Self.meantPrefix(piece.text).map { "; did you mean \($0)?" } ?? ""
    return piece.error(
      "'\(piece.text.prefix(64))' is not \(column.kind.wanted), which '\(column.name)' is compared "
        + "with\(hint)")
  }

  private static func meantPrefix(_ text: String) -> CIDR? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPv4Address(parts[0]), let length = Int(parts[1]),
      (0...32).contains(length)
    else { return nil }
    return CIDR(address, prefixLength: length)
  }
}

extension FilterValues {
  /// A whole number, perhaps in thousands, millions, milliards or billions: `7`, `12k`, `1.5M`.
  static func number(_ text: String) -> UInt64? {
    var digits = text[...]
    var zeros = 0
    if let unit = digits.last,
      let place = "kmgt".firstIndex(where: { String($0) == unit.lowercased() })
    {
      zeros = 3 * ("kmgt".distance(from: "kmgt".startIndex, to: place) + 1)
      digits = digits.dropLast()
    }
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }),
      let whole = parts.first
    else { return nil }
    let fraction = parts.count == 2 ? parts[1] : ""
    guard fraction.count <= zeros else { return nil }
    return UInt64(whole + fraction + String(repeating: "0", count: zeros - fraction.count))
  }

  /// An SPI, or the digits that several begin with: `0x1a2b*`.
  static func spis(_ text: String) -> ClosedRange<UInt64>? {
    if let spi = SPI(text) { return UInt64(spi.rawValue)...UInt64(spi.rawValue) }
    guard text.hasSuffix("*"), text.lowercased().hasPrefix("0x") else { return nil }
    let digits = text.dropFirst(2).dropLast()
    guard digits.utf8.count < 8, digits.allSatisfy(\.isHexDigit),
      let start = digits.isEmpty ? 0 : UInt64(digits, radix: 16)
    else { return nil }
    let free = UInt64(32 - 4 * digits.utf8.count)
    return start << free...start << free + (1 << free) - 1
  }

  private static func isDigit(_ octet: UInt8) -> Bool { (48...57).contains(octet) }
}

extension FilterPiece {
  /// The two ends of `a..b`; nil if it is no range.
  var range: (first: FilterPiece, last: FilterPiece)? {
    let dots = text.utf8.indices.first { text.utf8[$0...].starts(with: "..".utf8) }
    guard !isQuoted, let dots, text.utf8.count > 2 else { return nil }
    let first = String(text[..<dots])
    return (
      FilterPiece(text: first, column: column),
      FilterPiece(
        text: String(text[text.utf8.index(dots, offsetBy: 2)...]),
        column: column + first.count + 2)
    )
  }
}

extension FilterOperator {
  /// What an ordered value must be, by one that stands for this range of numbers.
  func test(_ values: ClosedRange<UInt64>) -> FilterTest {
    switch self {
    case .less: values.lowerBound == 0 ? .never : .range(0...values.lowerBound - 1)
    case .lessOrEqual: .range(0...values.upperBound)
    case .greater: values.upperBound == .max ? .never : .range(values.upperBound + 1...(.max))
    case .greaterOrEqual: .range(values.lowerBound...(.max))
    case .equal, .unequal, .isIn, .contains: .range(values)
    }
  }
}

extension FieldKind {
  /// What a filter compares the field with, with its article.
  fileprivate var wanted: String {
    switch self {
    case .text, .texts: "a text"
    case .number: "a number"
    case .spi: "an SPI"
    case .address, .network: "an address or prefix"
    case .moment, .deadline: "a length of time or a date"
    }
  }
}
