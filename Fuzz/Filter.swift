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
  let both = matches(first + "\n" + parts[1])
  require(both == zip(left, right).map { $0 && $1 }, "two terms are not both")
  return 0
}

/// Which of the rows a filter lets through; nil if it cannot be read.
private func matches(_ text: String) -> [Bool]? {
  do throws(ControlError) {
    let filter = try Filter(text, columns: columns)
    let passing = rows.map(filter.matches)
    require(!filter.isEmpty || !passing.contains(false), "nothing asked, and something refused")
    return passing
  } catch {
    let column = error.column ?? 0
    require((1...text.count + 1).contains(column), "column \(column) of \(text.count)")
    return nil
  }
}

/// A term with a `!` before it lets the other rows through.
private func checkNegation(_ text: String, _ passing: [Bool]) {
  let isTerm = text.unicodeScalars.first != "!" && !text.contains { $0.isWhitespace || $0 == "\"" }
  guard isTerm, !text.isEmpty, let others = matches("!" + text) else { return }
  require(others == passing.map { !$0 }, "the opposite is none")
}

private let columns: [Column<[FieldValue]>] =
  zip(
    ["name", "size", "home", "area", "spi", "day"],
    [.text, .number, .address, .network, .spi, .moment] as [Column<[FieldValue]>.Kind]
  ).enumerated().map { place, column in Column(column.0, column.1) { $0[place] } }

private let rows: [[FieldValue]] = [
  [
    .text("Red Apple"), .number(7), .address(0xc000_0201),
    .network(CIDR(IPv4Address(rawValue: 0xc000_0200), prefixLength: 24)), .spi(0x1a2b_0001),
    .moment(0),
  ],
  [
    .text("pl\u{fc}m=blue"), .number(.max), .address(0),
    .network(CIDR(IPv4Address(rawValue: 0), prefixLength: 0)), .spi(256),
    .moment(1_763_826_001_000_000_000),
  ],
  [.none, .none, .none, .none, .none, .none],
]
