internal import Net

/// Reads what a moment is compared with: a length of time up to now or from now on, or a date.
struct FilterTimes<Record> {
  let column: Column<Record>
  let sign: FilterOperator
  /// Nanoseconds since 1970.
  let now: UInt64

  /// What the moment must be.
  func test(_ piece: FilterPiece) throws(ControlError) -> FilterTest {
    if let (first, last) = piece.range { return try range(first, last, of: piece) }
    if let length = Self.duration(piece.text) { return try within(length, piece) }
    if let period = Self.period(piece.text) { return sign.test(period) }
    // The beginning of a date, as far as it goes.
    if !sign.isOrder, Self.isBeginning(piece.text) {
      return .begins(Array(piece.text.uppercased().utf8))
    }
    throw piece.error(
      "'\(piece.text.prefix(64))' is neither a length of time such as 15m nor a date such as "
        + "2026-01-31 or 2026-01-31T14:05, which '\(column.name)' is compared with")
  }

  private func within(_ length: UInt64, _ piece: FilterPiece) throws(ControlError) -> FilterTest {
    guard sign.isOrder else {
      throw piece.error(
        "no moment is exactly so long ago or ahead: compare '\(column.name)' with <, <=, > or >=, "
          + "or with a range such as 5m..10m")
    }
    return .range(moments(sign, length))
  }

  // An age that is less means a moment that is later.
  private func moments(_ sign: FilterOperator, _ length: UInt64) -> ClosedRange<UInt64> {
    let isPast = column.kind == .moment
    let border = isPast ? now - min(length, now) : now &+ min(length, .max - now)
    let isLess = sign == .less || sign == .lessOrEqual
    let isEqualIn = sign == .lessOrEqual || sign == .greaterOrEqual
    if isLess == isPast {
      return (isEqualIn ? border : border + (border == .max ? 0 : 1))...(.max)
    }
    return 0...(isEqualIn || border == 0 ? border : border - 1)
  }

  private func range(
    _ first: FilterPiece, _ last: FilterPiece, of piece: FilterPiece
  ) throws(ControlError) -> FilterTest {
    if sign.isOrder {
      throw piece.error("a range follows =, != or in; '\(sign.rawValue)' takes one value")
    }
    let lengths = (Self.duration(first.text), Self.duration(last.text))
    if first.text.isEmpty ? lengths.1 != nil : lengths.0 != nil {
      return try lengthRange(lengths.0, lengths.1, first, last)
    }
    let from = first.text.isEmpty ? 0...0 : try date(first)
    let to = last.text.isEmpty ? UInt64.max...(.max) : try date(last)
    guard from.lowerBound <= to.upperBound else {
      throw piece.error("this range ends before it begins")
    }
    return .range(from.lowerBound...to.upperBound)
  }

  private func lengthRange(
    _ shortest: UInt64?, _ longest: UInt64?, _ first: FilterPiece, _ last: FilterPiece
  ) throws(ControlError) -> FilterTest {
    for (length, piece) in [(shortest, first), (longest, last)]
    where length == nil && !piece.text.isEmpty {
      throw piece.error("'\(piece.text.prefix(64))' is not a length of time such as 15m")
    }
    guard shortest ?? 0 <= longest ?? .max else {
      throw first.error("this range ends before it begins")
    }
    let atLeast = shortest.map { moments(.greaterOrEqual, $0) } ?? 0...(.max)
    let atMost = longest.map { moments(.lessOrEqual, $0) } ?? 0...(.max)
    return .range(atLeast.clamped(to: atMost))
  }

  private func date(_ piece: FilterPiece) throws(ControlError) -> ClosedRange<UInt64> {
    if let period = Self.period(piece.text) { return period }
    throw piece.error("'\(piece.text.prefix(64))' is not a date such as 2026-01-31T14:05")
  }
}

extension FilterTimes {
  /// Nanoseconds of `90s`, `15m`, `2h`, `1h30m`, `1d`, `2w`; nil for anything else.
  static func duration(_ text: String) -> UInt64? {
    let units: [Character: UInt64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800]
    var total: UInt64 = 0
    var digits = ""
    for character in text {
      if character.isASCII, character.isNumber {
        digits.append(character)
      } else if let unit = units[character], let number = UInt64(digits), number < 1 << 31 {
        total += number * unit
        digits = ""
      } else {
        return nil
      }
      guard digits.count <= 10, total < 1 << 33 else { return nil }
    }
    return digits.isEmpty && !text.isEmpty ? total * 1_000_000_000 : nil
  }

  /// The moments from the first to the last of a year, month, day, hour, minute or second; nil for
  /// anything else.
  static func period(_ text: String) -> ClosedRange<UInt64>? {
    let pattern = Array("0000-00-00T00:00:00".utf8)
    let lengths = [4, 7, 10, 13, 16, 19]
    var octets = Array(text.utf8)
    if octets.last.map({ $0 | 0x20 }) == UInt8(ascii: "z"), octets.count == 20 {
      octets.removeLast()
    }
    guard let unit = lengths.firstIndex(of: octets.count) else { return nil }
    var fields: [UInt64] = [0]
    for (octet, wanted) in zip(octets, pattern) {
      if wanted == UInt8(ascii: "0") {
        guard (48...57).contains(octet) else { return nil }
        fields[fields.count - 1] = fields[fields.count - 1] * 10 + UInt64(octet - 48)
      } else {
        guard octet == wanted || octet == wanted | 0x20 else { return nil }
        fields.append(0)
      }
    }
    guard let start = Timestamp.start(of: fields), let end = end(of: fields, unit) else {
      return nil
    }
    return start...end - 1
  }

  private static func end(of fields: [UInt64], _ unit: Int) -> UInt64? {
    guard let start = Timestamp.start(of: fields) else { return nil }
    let second: UInt64 = 1_000_000_000
    switch unit {
    case 0: return Timestamp.start(of: [fields[0] + 1])
    case 1:
      let isLast = fields[1] == 12
      return Timestamp.start(of: [fields[0] + (isLast ? 1 : 0), isLast ? 1 : fields[1] + 1])
    case 2: return start + 86_400 * second
    case 3: return start + 3_600 * second
    case 4: return start + 60 * second
    default: return start + second
    }
  }

  /// Whether a text is the first part of a date with a time.
  private static func isBeginning(_ text: String) -> Bool {
    let pattern = Array("0000-00-00T00:00:00Z".utf8)
    let octets = Array(text.uppercased().utf8)
    return !octets.isEmpty && octets.count <= pattern.count
      && zip(octets, pattern).allSatisfy { octet, wanted in
        wanted == UInt8(ascii: "0") ? (48...57).contains(octet) : octet == wanted
      }
  }
}
