/// One character position of the screen: what stands there, and what it means.
///
/// A character two columns wide takes a cell and the `continuation` after it.
struct Cell: Equatable, Sendable {
  /// The character; 0 in a continuation.
  var base: Unicode.Scalar
  /// Combining characters on the base, at most `mostMarks`.
  var marks: [Unicode.Scalar] = []
  var role: Role

  /// How many combining characters a cell holds: what ncurses has room for, less the base.
  static let mostMarks = 3

  /// A space.
  static func blank(_ role: Role) -> Cell { Cell(base: " ", role: role) }
  /// The second half of a wide character.
  static func continuation(_ role: Role) -> Cell { Cell(base: "\0", role: role) }

  /// Whether the cell is the second half of a wide character.
  var isContinuation: Bool { base.value == 0 }
}

/// A rectangle of cells, by its upper left corner and its size.
///
/// It may be empty, and it may reach beyond a grid: drawing cuts.
struct Rect: Equatable, Sendable {
  var x: Int
  var y: Int
  var width: Int
  var height: Int

  /// The column after the last.
  var right: Int { x + width }
  /// The row after the last.
  var bottom: Int { y + height }
  var isEmpty: Bool { width <= 0 || height <= 0 }

  /// The rows from `top` on, `count` of them at most; negative counts mean none.
  func rows(_ top: Int, _ count: Int) -> Rect {
    let start = min(max(0, top), max(0, height))
    return Rect(x: x, y: y + start, width: width, height: max(0, min(count, height - start)))
  }

  /// The columns from `left` on, `count` of them at most.
  func columns(_ left: Int, _ count: Int) -> Rect {
    let start = min(max(0, left), max(0, width))
    return Rect(x: x + start, y: y, width: max(0, min(count, width - start)), height: height)
  }

  /// The rectangle less a margin on each side.
  func inset(horizontally dx: Int, vertically dy: Int) -> Rect {
    Rect(
      x: x + dx, y: y + dy, width: max(0, width - 2 * dx), height: max(0, height - 2 * dy))
  }
}

/// The size of a screen in cells.
struct Size: Equatable, Sendable {
  var width: Int
  var height: Int
}
