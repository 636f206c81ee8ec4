import PAP

@testable import Engine

// The input is two filters with a zero octet between them.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let parts = octets(start, count).split(separator: 0, maxSplits: 1).map {
    String(decoding: $0, as: UTF8.self)
  }
  guard let first = parts.first, let left = matches(first) else { return 0 }
  checkNegation(first, left)
  guard parts.count == 2, let right = matches(parts[1]) else { return 0 }
  checkPair(first, left, parts[1], right)
  return 0
}

/// Which of the rows a filter lets through; nil if it cannot be read.
private func matches(_ text: String) -> [Bool]? {
  do throws(ControlError) {
    let filter = try Filter(text, columns: columns, context)
    let passing = rows.map(filter.matches)
    require(!filter.isEmpty || !passing.contains(false), "nothing asked, and something refused")
    return passing
  } catch {
    let column = error.column ?? 0
    require((1...text.count + 1).contains(column), "column \(column) of \(text.count)")
    return nil
  }
}

/// A filter in parentheses is the same, and one with a `!` before them lets the other rows through.
private func checkNegation(_ text: String, _ passing: [Bool]) {
  guard text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else { return }
  if let same = matches("(" + text + "\n)") {
    require(same == passing, "parentheses change what they hold")
  }
  if let others = matches("!(" + text + "\n)") {
    require(others == passing.map { !$0 }, "the opposite is none")
  }
}

/// Two filters in parentheses are both, or one of them.
private func checkPair(_ first: String, _ left: [Bool], _ second: String, _ right: [Bool]) {
  let isBlank = [first, second].contains { $0.unicodeScalars.allSatisfy(\.properties.isWhitespace) }
  if isBlank { return }
  if let both = matches("(\(first)\n) (\(second)\n)") {
    require(both == zip(left, right).map { $0 && $1 }, "two filters are not both")
  }
  if let either = matches("(\(first)\n) or (\(second)\n)") {
    require(either == zip(left, right).map { $0 || $1 }, "neither of two filters")
  }
}

private let context = Filter<[FieldValue]>.Context(
  now: 1_763_826_001_000_000_000, marked: [.text("Red Apple")])

private let columns: [Column<[FieldValue]>] =
  zip(
    ["name", "size", "home", "area", "spi", "day", "end", "host"],
    [.text, .number, .address, .network, .spi, .moment, .deadline, .texts]
      as [FieldKind]
  ).enumerated().map { place, column in Column(column.0, column.1) { $0[place] } }

private let rows: [[FieldValue]] = [
  [
    .text("Red Apple"), .number(7), .address(0xc000_0201),
    .network(CIDR(IPv4Address(rawValue: 0xc000_0200), prefixLength: 24)), .spi(0x1a2b_0001),
    .moment(0), .moment(1_763_826_002_000_000_000), .text("hosta,hostb"),
  ],
  [
    .text("pl\u{fc}m=blue"), .number(.max), .address(0),
    .network(CIDR(IPv4Address(rawValue: 0), prefixLength: 0)), .spi(256),
    .moment(1_763_826_001_000_000_000), .moment(.max), .text(""),
  ],
  [.none, .none, .none, .none, .none, .none, .none, .none],
]
