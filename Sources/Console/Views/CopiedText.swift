/// What is on the screen as text for a clipboard.
enum CopiedText {
  /// The most octets that are given to a terminal; xterm takes 100,000 characters of base64.
  static let longest = 74_000
  /// So wide that no column is left out and hardly a sentence is broken.
  private static let width = 300

  /// The text of the details that are open, else that of the row under the cursor; nil if there is
  /// neither.
  static func of(_ model: Model) -> String? {
    var wide = model
    wide.size.width = max(model.size.width, width)
    if case .details(let row, _)? = model.overlay {
      let lines = OverlayView.lines(wide).map { $0.map(\.text).joined() }
      return ([Details(row, model: wide).title] + lines)
        .map { trimmed(SafeText.shown($0)) }.joined(separator: "\n")
    }
    guard model.overlay == nil, model.view.isTable, model.table.selectedRow != nil else {
      return nil
    }
    wide.dialog = nil
    let rows = wide.layout.tableRows(strip: wide.strip, matched: wide.table.length)
    let y = rows.y + wide.table.selected - wide.table.top
    let grid = Screen.draw(wide, glyphs: .unicode)
    guard y >= 0, y < grid.height else { return nil }
    var text = ""
    // The first column marks the cursor, and the second what is new.
    for cell in grid.row(y).dropFirst(3) where !cell.isContinuation {
      text.unicodeScalars.append(cell.base)
      text.unicodeScalars.append(contentsOf: cell.marks)
    }
    return fields(of: text).joined(separator: "  ")
  }

  private static func fields(of line: String) -> [String] {
    var fields: [String] = []
    for word in line.split(separator: " ", omittingEmptySubsequences: false) {
      if word.isEmpty {
        if fields.last?.isEmpty == false { fields.append("") }
      } else if let last = fields.last, !last.isEmpty {
        fields[fields.count - 1] = last + " " + word
      } else {
        _ = fields.popLast()
        fields.append(String(word))
      }
    }
    return fields.filter { !$0.isEmpty }
  }

  private static func trimmed(_ line: String) -> String {
    String(line.reversed().drop { $0 == " " }.reversed())
  }
}

extension Screen {
  /// Takes lines, marks and colours away from what was drawn: what is left can be selected cleanly.
  mutating func leaveTextOnly() {
    let names: [Glyphs.Name] = [
      .horizontal, .vertical, .topLeft, .topRight, .bottomLeft, .bottomRight,
    ]
    let lines = Set(names.map { glyphs[$0] })
    let drawn = grid
    for y in 0..<grid.height {
      for x in 0..<grid.width {
        guard let base = drawn[x, y]?.base else { continue }
        // In ASCII a line is many of its characters, and a single one belongs to a text.
        let neighbours = [drawn[x - 1, y]?.base, drawn[x + 1, y]?.base]
        let isLine = lines.contains(base) && (x == 0 || neighbours.contains(base))
        let isCursor = x == 0 && base == glyphs[.cursor]
        if isLine || isCursor {
          grid.fill(Rect(x: x, y: y, width: 1, height: 1), role: .text)
        }
      }
    }
    grid.restyle(grid.bounds, role: .text)
    grid.cursor = nil
    let hints = layout.hints
    guard !hints.isEmpty else { return }
    grid.fill(hints, role: .text)
    let text = "still, for the terminal's own selection; any key goes on"
    putLine([TextRun(text)], hints, 0, indent: 1)
  }
}
