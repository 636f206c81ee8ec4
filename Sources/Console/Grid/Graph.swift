/// Values as bars, one column each.
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
    let shown = values.suffix(width)
    let padding = String(repeating: " ", count: width - shown.count)
    let greatest = max(top ?? 0, shown.max() ?? 0)
    let levels = glyphs.all(.spark)
    let steps = levels.count - 1
    return (0..<height).map { line in
      let below = (height - 1 - line) * steps
      var text = padding
      for value in shown {
        let filled = level(of: value, greatest: greatest, levels: steps * height)
        text.unicodeScalars.append(levels[max(0, min(steps, filled - below))])
      }
      return text
    }
  }

  /// Values brought down to so many: of each stretch the greatest, so that no peak is lost.
  static func condensed(_ values: [Double], width: Int) -> [Double] {
    guard width > 0, values.count > width else { return values }
    return (0..<width).map { place in
      let stretch = values[place * values.count / width..<(place + 1) * values.count / width]
      return stretch.max() ?? 0
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
