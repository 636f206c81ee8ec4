/// Values as bars: one in each cell, or two where graphs are drawn in braille.
enum Graph {
  /// One line of bars, the newest value at its right end.
  ///
  /// Anything above 0 is seen.
  static func spark(_ values: [Double], width: Int, top: Double? = nil, glyphs: Glyphs) -> String {
    let rows = bars(values, width: width, height: 1, top: top, glyphs: glyphs)
    return rows.first ?? ""
  }

  /// Bars of several lines, the uppermost line first.
  static func bars(
    _ values: [Double], width: Int, height: Int, top: Double? = nil, glyphs: Glyphs
  ) -> [String] {
    guard width > 0, height > 0 else { return [] }
    let places = glyphs.valuesInCell
    let shown = values.suffix(width * places)
    let greatest = max(top ?? 0, shown.max() ?? 0)
    let steps = glyphs.graphLevels
    let filled = shown.map { level(of: $0, greatest: greatest, levels: steps * height) }
    // Cells before the first value are blank; where it has its cell alone, the bar beside it is.
    let cells = (filled.count + places - 1) / places
    let levels = Array(repeating: 0, count: cells * places - filled.count) + filled
    return (0..<height).map { line in
      let below = (height - 1 - line) * steps
      var text = String(repeating: " ", count: width - cells)
      for cell in 0..<cells {
        let bars = levels[cell * places..<(cell + 1) * places]
        text.unicodeScalars.append(glyphs.bars(bars.map { max(0, min(steps, $0 - below)) }))
      }
      return text
    }
  }

  /// Values as so many cells show all of them: those that have no room for themselves are brought
  /// down to the greatest of each stretch, so that no peak is lost.
  ///
  /// In braille what needs more than half of the room is spread over all of it, and what needs less
  /// takes the room that it takes with one value in a cell.
  static func fitted(_ values: [Double], width: Int, glyphs: Glyphs) -> [Double] {
    guard width > 0 else { return values }
    let places = min(width, values.count) * glyphs.valuesInCell
    return (0..<places).map { place in
      let first = place * values.count / places
      let end = max(first + 1, (place + 1) * values.count / places)
      return values[first..<end].max() ?? 0
    }
  }

  private static func level(of value: Double, greatest: Double, levels: Int) -> Int {
    guard value > 0, greatest > 0, value.isFinite, greatest.isFinite else { return 0 }
    return max(1, min(levels, Int((value / greatest * Double(levels)).rounded())))
  }

  /// A gauge of how full something is, from 0 to 1.
  static func gauge(_ share: Double, width: Int, glyphs: Glyphs) -> (full: String, empty: String) {
    let parts = glyphs.all(.gauge)
    var full = Int((max(0, min(1, share)) * Double(width)).rounded())
    if share > 0 && full == 0 { full = 1 }
    return (
      String(repeating: Character(parts[0]), count: full),
      String(repeating: Character(parts[parts.count - 1]), count: max(0, width - full))
    )
  }
}
