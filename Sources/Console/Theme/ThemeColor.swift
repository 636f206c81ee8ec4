/// A colour of a theme, with what stands for it where the terminal has fewer.
struct ThemeColor: Equatable, Sendable {
  /// Red, green and blue, 0 to 255 each.
  struct RGB: Equatable, Sendable {
    var red: Int
    var green: Int
    var blue: Int
  }

  /// Exact value, if the theme gives one.
  var rgb: RGB?
  /// Number in xterm's palette of 256, if the theme gives one.
  var index256: Int?
  /// Number among the 16, if the theme gives one.
  var index16: Int?
  /// Number among the 8, if the theme gives one.
  var index8: Int?

  /// The terminal's own foreground or background.
  static let terminal = ThemeColor()

  /// The number to give to ncurses: -1 for the terminal's own colour.
  func number(at depth: ColorDepth) -> Int {
    switch depth {
    case .mono: -1
    case .eight: index8 ?? index16.map { $0 < 0 ? -1 : $0 & 7 } ?? nearest(among: 0..<8)
    case .sixteen: index16 ?? nearest(among: 0..<16)
    case .twoHundredFiftySix: index256 ?? index16 ?? nearest(among: 16..<256)
    case .direct: directNumber
    }
  }

  private var directNumber: Int {
    guard let exact else { return -1 }
    // Terminals with direct colour still take 0 to 7 for the palette's first colours.
    return max(8, exact.red << 16 | exact.green << 8 | exact.blue)
  }

  private var exact: RGB? {
    rgb ?? (index256 ?? index16 ?? index8).map { Self.palette($0) }
  }

  private func nearest(among candidates: Range<Int>) -> Int {
    guard let exact else { return -1 }
    let best = candidates.min { Self.distance($0, exact) < Self.distance($1, exact) }
    return best ?? -1
  }

  private static func distance(_ index: Int, _ wanted: RGB) -> Int {
    let color = palette(index)
    let (red, green, blue) = (
      color.red - wanted.red, color.green - wanted.green, color.blue - wanted.blue
    )
    // Eyes see green best and blue least.
    return 3 * red * red + 4 * green * green + 2 * blue * blue
  }

  /// What xterm shows for a number from 0 to 255.
  static func palette(_ index: Int) -> RGB {
    if index < 16 { return first16[max(0, index)] }
    if index >= 232 {
      let level = 8 + 10 * (min(index, 255) - 232)
      return RGB(red: level, green: level, blue: level)
    }
    let levels = [0, 95, 135, 175, 215, 255]
    let cube = index - 16
    return RGB(red: levels[cube / 36], green: levels[cube / 6 % 6], blue: levels[cube % 6])
  }

  private static let first16 = [
    RGB(red: 0, green: 0, blue: 0), RGB(red: 205, green: 0, blue: 0),
    RGB(red: 0, green: 205, blue: 0), RGB(red: 205, green: 205, blue: 0),
    RGB(red: 0, green: 0, blue: 238), RGB(red: 205, green: 0, blue: 205),
    RGB(red: 0, green: 205, blue: 205), RGB(red: 229, green: 229, blue: 229),
    RGB(red: 127, green: 127, blue: 127), RGB(red: 255, green: 0, blue: 0),
    RGB(red: 0, green: 255, blue: 0), RGB(red: 255, green: 255, blue: 0),
    RGB(red: 92, green: 92, blue: 255), RGB(red: 255, green: 0, blue: 255),
    RGB(red: 0, green: 255, blue: 255), RGB(red: 255, green: 255, blue: 255),
  ]
}

extension ThemeColor {
  /// Reads `#rrggbb`, a number from 0 to 255, an ANSI name such as `bright-blue`, or `default`.
  init?(_ text: String) {
    self.init()
    if text == "default" { return }
    if let rgb = RGB(hexadecimal: text) {
      self.rgb = rgb
    } else if let index = Self.names.firstIndex(of: text) {
      index16 = index
    } else if let index = Int(text), (0...255).contains(index) {
      if index < 16 { index16 = index } else { index256 = index }
    } else {
      return nil
    }
  }

  private static let names = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
    "bright-black", "bright-red", "bright-green", "bright-yellow", "bright-blue",
    "bright-magenta", "bright-cyan", "bright-white",
  ]
}

extension ThemeColor.RGB {
  /// Reads `#rrggbb`.
  init?(hexadecimal text: String) {
    guard text.utf8.count == 7, text.hasPrefix("#"), !text.contains("+"),
      let value = Int(text.dropFirst(), radix: 16), value >= 0
    else { return nil }
    self.init(red: value >> 16, green: value >> 8 & 0xff, blue: value & 0xff)
  }
}
