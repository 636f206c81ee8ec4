/// The characters with which lines, graphs and marks are drawn, each one column wide.
struct Glyphs: Equatable, Sendable {
  /// Whether text beyond ASCII must not be shown.
  var ascii: Bool
  /// Whether graphs are drawn in braille: two values in a cell, each of four levels.
  private(set) var isBraille = false
  private var table: [Name: [Unicode.Scalar]]

  /// What a glyph is for, by its key in the table `[glyphs]` of a theme file.
  enum Name: String, CaseIterable, Sendable {
    case horizontal
    case vertical
    case topLeft = "top-left"
    case topRight = "top-right"
    case bottomLeft = "bottom-left"
    case bottomRight = "bottom-right"
    /// From nothing to full, lowest first.
    case spark
    /// Two values in a cell, 0 to 4 each: the right one counts up first.
    case braille
    /// The filled and the empty part of a gauge.
    case gauge
    /// Blocks of ports by what they are to the hosts.
    case portsLeased = "ports-leased"
    case portsQuarantined = "ports-quarantined"
    case portsFree = "ports-free"
    case portsReserved = "ports-reserved"
    case ascending
    case descending
    case cursor
    case valid
    case revoked
    case suspended
    case silent
    case new
    case changed
    case ending
    case gone
    case mark
    case arrow
    case up
    case down
    case more
    case separator

    /// How many characters the glyph has; nil for two or more, as the theme likes.
    var count: Int? {
      switch self {
      case .spark: nil
      case .braille: (Glyphs.brailleLevels + 1) * (Glyphs.brailleLevels + 1)
      case .gauge: 2
      default: 1
      }
    }
  }

  /// How many dots of a braille cell stand on each other.
  private static let brailleLevels = 4

  /// The same, with graphs in braille.
  var withBraille: Glyphs {
    var result = self
    result.isBraille = !ascii
    return result
  }

  /// How many values of a graph share a cell.
  var valuesInCell: Int { isBraille ? 2 : 1 }

  /// The level of a bar that fills its cell.
  var graphLevels: Int { isBraille ? Self.brailleLevels : all(.spark).count - 1 }

  /// The character for the bars in one cell of a graph: `valuesInCell` levels, each from 0 to
  /// `graphLevels`.
  func bars(_ levels: some Sequence<Int>) -> Unicode.Scalar {
    all(isBraille ? .braille : .spark)[levels.reduce(0) { $0 * (graphLevels + 1) + $1 }]
  }

  /// The character for a name.
  subscript(name: Name) -> Unicode.Scalar { table[name]?.first ?? "?" }

  /// The characters for a name that has several.
  func all(_ name: Name) -> [Unicode.Scalar] { table[name] ?? ["?"] }

  /// The glyphs with one name drawn otherwise; nil if the text does not fit it: every character must
  /// be one column wide.
  func replacing(_ name: Name, by text: String) -> Glyphs? {
    let clusters = SafeText.clusters(text, ascii: ascii)
    let scalars = Array(text.unicodeScalars)
    guard clusters.map(\.base) == scalars, clusters.allSatisfy({ $0.width == 1 }),
      name.count.map({ $0 == scalars.count }) ?? (scalars.count >= 2)
    else { return nil }
    var result = self
    result.table[name] = scalars
    return result
  }

  private init(ascii: Bool, _ drawn: [Name: String]) {
    self.ascii = ascii
    table = drawn.mapValues { Array($0.unicodeScalars) }
  }

  /// For terminals that show UTF-8.
  static let unicode = Glyphs(
    ascii: false,
    [
      .horizontal: "─", .vertical: "│", .topLeft: "┌", .topRight: "┐", .bottomLeft: "└",
      .bottomRight: "┘", .spark: " ▁▂▃▄▅▆▇█",
      .braille: " ⢀⢠⢰⢸⡀⣀⣠⣰⣸⡄⣄⣤⣴⣼⡆⣆⣦⣶⣾⡇⣇⣧⣷⣿", .gauge: "█░", .portsLeased: "█",
      .portsQuarantined: "▒", .portsFree: "·", .portsReserved: "─", .ascending: "▲",
      .descending: "▼",
      .cursor: "▌", .valid: "●", .revoked: "×", .suspended: "■", .silent: "○", .new: "+",
      .changed: "~", .ending: "!", .gone: "†", .mark: "*", .arrow: "→", .up: "↑", .down: "↓",
      .more: "…", .separator: "·",
    ])

  /// For all others.
  static let ascii = Glyphs(
    ascii: true,
    [
      .horizontal: "-", .vertical: "|", .topLeft: "+", .topRight: "+", .bottomLeft: "+",
      .bottomRight: "+", .spark: " .,_-=+*#", .gauge: "#.", .portsLeased: "#",
      .portsQuarantined: "%", .portsFree: ".", .portsReserved: "-", .ascending: "^",
      .descending: "v",
      .cursor: ">", .valid: "o", .revoked: "x", .suspended: "#", .silent: "-", .new: "+",
      .changed: "~", .ending: "!", .gone: "X", .mark: "*", .arrow: ">", .up: "^", .down: "v",
      .more: "~", .separator: "-",
    ])
}
