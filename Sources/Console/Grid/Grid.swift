/// A screen in memory: rows of styled cells.
///
/// Views draw into it and nothing else; it never reads or writes outside its size, whatever it is
/// asked to draw.
struct Grid: Equatable, Sendable {
  let width: Int
  let height: Int
  /// Whether text is cut to ASCII.
  let ascii: Bool
  private(set) var cells: [Cell]

  /// Where the terminal's cursor is shown, or nil for nowhere.
  var cursor: (x: Int, y: Int)? {
    get { cursorX.map { ($0, cursorY) } }
    set {
      cursorX = newValue?.x
      cursorY = newValue?.y ?? 0
    }
  }
  private var cursorX: Int?
  private var cursorY = 0

  /// An empty screen.
  init(_ size: Size, ascii: Bool, role: Role = .text) {
    width = max(0, size.width)
    height = max(0, size.height)
    self.ascii = ascii
    cells = Array(repeating: .blank(role), count: width * height)
  }

  /// All of the grid.
  var bounds: Rect { Rect(x: 0, y: 0, width: width, height: height) }

  /// The cells of one row.
  func row(_ y: Int) -> ArraySlice<Cell> { cells[y * width..<(y + 1) * width] }

  subscript(x: Int, y: Int) -> Cell? {
    guard x >= 0, y >= 0, x < width, y < height else { return nil }
    return cells[y * width + x]
  }

  /// Writes text from a position on, at most `limit` columns of it, and returns the column after it.
  ///
  /// Text that is too long is cut by columns; `ellipsis` then takes its last one.
  @discardableResult
  mutating func put(
    _ text: some StringProtocol, _ x: Int, _ y: Int, limit: Int = .max, role: Role,
    ellipsis: Bool = false
  ) -> Int {
    guard y >= 0, y < height, limit > 0, x < width else { return x }
    let end = min(width, limit > width - x ? width : x + limit)
    let clusters = SafeText.clusters(text, ascii: ascii)
    var column = x
    for cluster in clusters {
      if column + cluster.width > end {
        if ellipsis { putEllipsis(column, end, x, y, role) }
        return end
      }
      set(cluster, column, y, role)
      column += cluster.width
    }
    return column
  }

  /// Writes text that ends before column `right`.
  mutating func putRight(
    _ text: some StringProtocol, _ right: Int, _ y: Int, limit: Int = .max, role: Role
  ) {
    let width = min(limit, SafeText.width(text, ascii: ascii))
    put(text, right - width, y, limit: width, role: role)
  }

  /// Fills a rectangle with one character of one column.
  mutating func fill(_ rect: Rect, _ scalar: Unicode.Scalar = " ", role: Role) {
    for y in max(0, rect.y)..<max(max(0, rect.y), min(height, rect.bottom)) {
      for x in max(0, rect.x)..<max(max(0, rect.x), min(width, rect.right)) {
        set(SafeText.Cluster(base: scalar, width: 1), x, y, role)
      }
    }
  }

  /// Gives the cells of a rectangle another role and leaves what stands in them.
  mutating func restyle(_ rect: Rect, role: Role) {
    for y in max(0, rect.y)..<max(max(0, rect.y), min(height, rect.bottom)) {
      for x in max(0, rect.x)..<max(max(0, rect.x), min(width, rect.right)) {
        cells[y * width + x].role = role
      }
    }
  }

  /// Writes one character.
  ///
  /// The halves of wide characters that it cuts become blanks.
  mutating func set(_ cluster: SafeText.Cluster, _ x: Int, _ y: Int, _ role: Role) {
    guard x >= 0, y >= 0, x + cluster.width <= width, y < height else { return }
    let index = y * width + x
    mend(index, x)
    cells[index] = Cell(base: cluster.base, marks: cluster.marks, role: role)
    guard cluster.width == 2 else { return }
    mend(index + 1, x + 1)
    cells[index + 1] = .continuation(role)
  }

  /// Moves cells of a row one column to the left; what stands in the last one after that is `filler`.
  mutating func shiftLeft(_ columns: ClosedRange<Int>, _ y: Int, filler: Cell) {
    guard y >= 0, y < height, columns.lowerBound >= 0, columns.upperBound < width else { return }
    let first = y * width + columns.lowerBound
    let last = y * width + columns.upperBound
    cells.replaceSubrange(first...last, with: cells[first...last].dropFirst() + [filler])
  }

  private mutating func mend(_ index: Int, _ x: Int) {
    if cells[index].isContinuation, x > 0 { cells[index - 1] = .blank(cells[index - 1].role) }
    if x + 1 < width, cells[index + 1].isContinuation {
      cells[index + 1] = .blank(cells[index + 1].role)
    }
  }

  private mutating func putEllipsis(_ column: Int, _ end: Int, _ start: Int, _ y: Int, _ role: Role)
  {
    let mark: Unicode.Scalar = ascii ? "~" : "…"
    let x = min(column, end - 1)
    guard x > start else { return }
    for blank in x..<end { set(SafeText.Cluster(base: " ", width: 1), blank, y, role) }
    set(SafeText.Cluster(base: mark, width: 1), x, y, role)
  }

  static func == (left: Grid, right: Grid) -> Bool {
    left.width == right.width && left.height == right.height && left.cells == right.cells
      && left.cursorX == right.cursorX && left.cursorY == right.cursorY
  }
}

extension Grid {
  /// The screen as text, one line a row, blanks at the ends cut.
  var text: String {
    (0..<height).map { y in
      var line = ""
      for cell in row(y) where !cell.isContinuation {
        line.unicodeScalars.append(cell.base)
        line.unicodeScalars.append(contentsOf: cell.marks)
      }
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}
