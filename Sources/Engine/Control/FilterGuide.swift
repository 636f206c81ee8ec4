/// The filter language in words: what help prints, and what docs/filters.md is held against.
package enum FilterGuide {
  /// Something that can be written, and what it means.
  package struct Entry: Sendable {
    package let written: String
    package let meaning: String
  }

  /// How terms are put together, those first that bind closest.
  package static let grammar = [
    Entry(written: "! TERM, not TERM", meaning: "the rows that TERM does not let through"),
    Entry(written: "A B, A and B", meaning: "both"),
    Entry(written: "A or B", meaning: "one of them, or both"),
    Entry(written: "( ... )", meaning: "first what stands in parentheses"),
    Entry(
      written: "WORD, \"TWO WORDS\"",
      meaning: "a column contains it; in small letters whatever the case, else as written"),
  ]

  /// How a field is compared.
  package static let operators = [
    Entry(written: "=, !=", meaning: "is, is not; nothing after it means null"),
    Entry(written: "<, <=, >, >=", meaning: "less, more; not for texts and prefixes"),
    Entry(written: "~", meaning: "contains, as a WORD does"),
    Entry(written: "in", meaning: "is one of a {set}, or lies in a prefix or range"),
  ]

  /// What a field is compared with.
  package static let values = [
    Entry(written: "192.0.2.7", meaning: "an address"),
    Entry(written: "192.0.2.0/24", meaning: "every address of a prefix"),
    Entry(written: "A..B, A.., ..B", meaning: "from A to B: addresses, SPIs, numbers, times"),
    Entry(written: "0x1a2b0001, 0x1a2b*", meaning: "an SPI, those that begin so"),
    Entry(written: "12, 12k, 1.5M, 2G", meaning: "a number; k is 1000"),
    Entry(
      written: "90s, 15m, 1h30m, 2d, 1w",
      meaning: "how long ago, or for what ends how long from now"),
    Entry(
      written: "2026-01-31, 2026-01-31T14:05",
      meaning: "a moment in UTC: a year, month, day, hour, minute or second"),
    Entry(written: "{A, B, C}", meaning: "any of these"),
    Entry(written: "\"two words\"", meaning: "a text with signs or spaces in it"),
  ]

  /// Words that stand for several comparisons.
  package static let shorthands = [
    Entry(written: "host A", meaning: "A is an address or the name of a host, in any column"),
    Entry(
      written: "net CIDR",
      meaning: "an address of that prefix, in any column; the prefix by itself finds it too"),
    Entry(written: "spi S", meaning: "that SPI, or SPIs that begin so, in either direction"),
    Entry(written: "last 15m", meaning: "last seen, dropped or done in the last 15 minutes"),
    Entry(written: "marked", meaning: "the rows that are marked in the console"),
  ]

  /// The fields of each view, as `NAME (OTHER NAMES)`.
  package static let fields: [(view: String, fields: [String])] = ViewFields.all.map { view in
    (view.view, view.fields.map(\.written))
  }

  /// All of it, with the fields of one view: what the help of `ctl` prints.
  package static func text(for view: String) -> String {
    let parts = [("A filter", grammar), ("", operators), ("Values", values), ("", shorthands)]
    let entries = parts.flatMap(\.1)
    let width = entries.map(\.written.count).max() ?? 0
    let lines = entries.map { entry in
      entry.written + String(repeating: " ", count: width + 2 - entry.written.count)
        + entry.meaning
    }
    let names = fields.first { $0.view == view }?.fields ?? []
    return "A filter (--filter TEXT) says which rows are wanted:\n\n"
      + lines.map { "  \($0)\n" }.joined() + "\nFields: " + names.joined(separator: ", ")
  }
}

extension ViewFields.Field {
  fileprivate var written: String {
    aliases.isEmpty ? name : "\(name) (\(aliases.joined(separator: ", ")))"
  }
}
