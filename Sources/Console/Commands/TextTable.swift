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
    self.init(titles: titles)
  }

  /// As `init(_:)`, with the titles in an array.
  init(titles: [String]) {
    columns = titles.map { title in
      Column(
        title: title.hasSuffix(">") ? String(title.dropLast()) : title,
        isRight: title.hasSuffix(">"))
    }
  }

  /// Adds a row; an empty cell is shown as `-`.
  mutating func add(_ cells: String...) {
    add(cells: cells)
  }

  /// As `add(_:)`, with the cells in an array.
  mutating func add(cells: [String]) {
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
