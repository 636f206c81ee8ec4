@testable import Console

/// What the cells of a screen mean and how that looks, as text beside the golden grids.
enum StyleLayer {
  /// The runs of cells of one role, line by line: `3 | 0..9 title, 12..20 state.ok`.
  ///
  /// Cells of the role `text` are left out, and so are lines that have no others; lines that are alike
  /// and follow each other are one.
  static func text(of grid: Grid) -> String {
    var lines: [(rows: ClosedRange<Int>, runs: String)] = []
    for y in 0..<grid.height {
      let runs = runs(of: grid.row(y).map(\.role))
      if let last = lines.last, last.runs == runs {
        lines[lines.count - 1].rows = last.rows.lowerBound...y
      } else {
        lines.append((y...y, runs))
      }
    }
    return lines.filter { !$0.runs.isEmpty }.map { line in
      "\(range(line.rows)) | \(line.runs)"
    }.joined(separator: "\n")
  }

  private static func runs(of roles: [Role]) -> String {
    var runs: [String] = []
    var x = 0
    while x < roles.count {
      let end = roles[x...].firstIndex { $0 != roles[x] } ?? roles.count
      if roles[x] != .text { runs.append("\(range(x...end - 1)) \(roles[x].name)") }
      x = end
    }
    return runs.joined(separator: ", ")
  }

  private static func range(_ range: ClosedRange<Int>) -> String {
    range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)..\(range.upperBound)"
  }

  /// How roles look with 256 colours (text on ground, attributes) and without any.
  static func legend(of roles: Set<Role>, _ theme: Theme) -> String {
    Role.allCases.filter(roles.contains).map { role in
      let colored = theme.style(of: role, at: .twoHundredFiftySix)
      let mono = theme.style(of: role, at: .mono)
      let words = colored.attributes.words
      return "\(role.name): \(color(colored.foreground)) on \(color(colored.background))"
        + (words == "none" ? "" : " \(words)") + "; mono \(mono.attributes.words)"
    }.joined(separator: "\n")
  }

  private static func color(_ number: Int) -> String { number < 0 ? "own" : "\(number)" }
}

extension TextAttributes {
  fileprivate var words: String {
    let names = ["bold", "dim", "underline", "reverse", "italic"].filter { name in
      TextAttributes(name: name).map(contains) ?? false
    }
    return names.isEmpty ? "none" : names.joined(separator: " ")
  }
}

/// Finds meanings that only colour tells apart.
struct ColorAlone {
  // Roles that say how something is. Rows that are new, changed or gone have a glyph besides, which
  // other tests look for.
  private static let states: Set<Role> = [
    .stateOK, .stateAttention, .stateFail, .stateBusy, .stateOff, .badgeReadOnly, .badgeFrozen,
    .danger, .inputError,
  ]

  /// The words that stand on the screen in two such roles which look alike without colour.
  static func words(of grid: Grid, _ theme: Theme) -> [String] {
    var roles: [String: Set<Role>] = [:]
    for y in 0..<grid.height {
      let cells = grid.row(y).filter { !$0.isContinuation }
      for run in cells.split(whereSeparator: { $0.base == " " || !states.contains($0.role) }) {
        // A run of one role at a time: what follows without a blank is another word.
        for word in pieces(of: run) {
          var text = ""
          text.unicodeScalars.append(contentsOf: word.map(\.base))
          if let role = word.first?.role { roles[text, default: []].insert(role) }
        }
      }
    }
    return roles.filter { _, roles in
      Set(roles.map { theme.style(of: $0, at: .mono) }).count < roles.count
    }.keys.sorted()
  }

  private static func pieces(of run: ArraySlice<Cell>) -> [ArraySlice<Cell>] {
    var pieces: [ArraySlice<Cell>] = []
    var rest = run
    while let first = rest.first {
      let piece = rest.prefix { $0.role == first.role }
      pieces.append(piece)
      rest = rest.dropFirst(piece.count)
    }
    return pieces
  }
}
