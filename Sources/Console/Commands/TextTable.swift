internal import Engine
internal import PAP

/// Rows in aligned columns, for people.
///
/// What comes from outside is made safe for a terminal here.
struct TextTable {
  /// A column's title and whether its cells stand at the right.
  struct Column {
    let title: String
    let isRight: Bool
  }

  private let columns: [Column]
  private var rows: [[String]] = []

  /// Makes a table; titles that end with `>` are of columns whose cells stand at the right.
  init(_ titles: String...) {
    columns = titles.map { title in
      Column(
        title: title.hasSuffix(">") ? String(title.dropLast()) : title,
        isRight: title.hasSuffix(">"))
    }
  }

  /// Adds a row; an empty cell is shown as `-`.
  mutating func add(_ cells: String...) {
    rows.append(cells.map { $0.isEmpty ? "-" : $0.terminalSafe })
  }

  /// The table with its titles, each line ended; nothing but the titles if there are no rows.
  var text: String {
    let all = [columns.map(\.title)] + rows
    let widths = columns.indices.map { index in
      all.map { index < $0.count ? $0[index].count : 0 }.max() ?? 0
    }
    return all.map { line($0, widths) + "\n" }.joined()
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var line = ""
    for (index, cell) in cells.enumerated() where index < columns.count {
      let space = String(repeating: " ", count: max(0, widths[index] - cell.count))
      let isLast = index == columns.count - 1
      line += columns[index].isRight ? space + cell : isLast ? cell : cell + space
      if !isLast { line += "  " }
    }
    return line
  }
}

/// Numbers and moments the short way.
enum Brief {
  /// `12`, `9.9k`, `12M`: at most five characters up to 999 billions.
  static func count(_ number: UInt64) -> String {
    quantity(Double(number), isWhole: number < 10_000)
  }

  /// As `count`, for rates.
  static func rate(_ number: Double) -> String {
    quantity(number, isWhole: false)
  }

  private static func quantity(_ number: Double, isWhole: Bool) -> String {
    if isWhole { return String(Int(number)) }
    var rest = number
    var unit = ""
    for next in ["k", "M", "G", "T"] where rest >= 999.5 {
      rest /= 1_000
      unit = next
    }
    let tenths = Int((rest * 10).rounded())
    let fraction = tenths >= 1_000 || tenths % 10 == 0 ? "" : ".\(tenths % 10)"
    return "\(tenths / 10)\(fraction)\(unit)"
  }

  /// `59s`, `9m59s`, `5h12m`, `41d3h`.
  static func span(_ seconds: Int64) -> String {
    let total = max(0, seconds)
    switch total {
    case ..<60: return "\(total)s"
    case ..<3_600: return "\(total / 60)m\(total % 60)s"
    case ..<86_400: return "\(total / 3_600)h\(total % 3_600 / 60)m"
    default: return "\(total / 86_400)d\(total % 86_400 / 3_600)h"
    }
  }

  /// How long ago a moment in RFC 3339 was; empty for nil.
  static func age(_ moment: String?, now: Int64) -> String {
    moment.flatMap { Timestamp.seconds($0) }.map { span(now - $0) } ?? ""
  }

  /// How far ahead a moment in RFC 3339 is; empty for nil.
  static func left(_ moment: String?, now: Int64) -> String {
    moment.flatMap { Timestamp.seconds($0) }.map { span($0 - now) } ?? ""
  }
}
