/// What the user has chosen on the screen, and what is kept from one console to the next.
struct Preferences: Equatable, Sendable {
  /// How the table of one view is shown.
  struct Table: Equatable, Sendable {
    /// The field to sort by, and in which direction; nil for the view's own order.
    var sort: Sort?
    /// Titles of columns that find room before all others.
    var wanted: Set<String> = []
    /// Titles of columns that are not shown.
    var hidden: Set<String> = []
  }

  /// An order of rows.
  struct Sort: Equatable, Sendable {
    var field: String
    var descending: Bool
  }

  /// A filter with a name.
  struct SavedFilter: Equatable, Sendable {
    var view: ViewID
    var text: String
  }

  /// With which characters graphs and lines are drawn.
  enum GlyphLevel: String, CaseIterable, Sendable {
    /// The best that locale and terminal surely show: blocks, or ASCII only.
    case automatic = "auto"
    /// Graphs with two values in a cell, which not every font can show.
    case braille
    case block
    case ascii

    var title: String {
      switch self {
      case .automatic: "by the terminal"
      case .braille: "braille"
      case .block: "blocks"
      case .ascii: "ASCII only"
      }
    }
  }

  /// The name of a theme, or `auto`.
  var theme = ThemeLibrary.automatic
  var glyphs = GlyphLevel.automatic
  var time = TimeFormat.usual
  var refresh = RefreshRate.everySecond
  /// Whether the details of the selected row are shown below the table.
  var strip = true
  /// Whether the terminal reports the mouse; otherwise it is the terminal's own.
  var mouse = false
  var tables: [ViewID: Table] = [:]
  /// Saved filters by their names.
  var filters: [String: SavedFilter] = [:]

  /// What others prefer now, with what was changed here since `base`.
  ///
  /// Several consoles of one user keep their choices in one file: the last word on each thing counts,
  /// not that on everything.
  func merged(since base: Preferences, into others: Preferences) -> Preferences {
    var result = others
    func take<Value: Equatable>(_ path: WritableKeyPath<Preferences, Value>) {
      if self[keyPath: path] != base[keyPath: path] { result[keyPath: path] = self[keyPath: path] }
    }
    take(\.theme)
    take(\.glyphs)
    take(\.time)
    take(\.refresh)
    take(\.strip)
    take(\.mouse)
    for view in ViewID.allCases { take(\.tables[view]) }
    for name in Set(filters.keys).union(base.filters.keys) { take(\.filters[name]) }
    return result
  }

  /// Whether a text can be the name of a saved filter: 1 to 32 letters, digits, `-` and `_`, the
  /// first one a letter.
  static func isFilterName(_ text: some StringProtocol) -> Bool {
    let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard (1...32).contains(text.utf8.count), let first = text.utf8.first,
      letters.contains(first | 0x20)
    else { return false }
    return text.utf8.allSatisfy { octet in
      letters.contains(octet | 0x20) || digits.contains(octet) || octet == UInt8(ascii: "-")
        || octet == UInt8(ascii: "_")
    }
  }
}

extension Model {
  /// Changes what the user prefers, and has it saved.
  mutating func prefer(_ change: (inout Preferences) -> Void) -> [Effect] {
    let before = preferences
    change(&preferences)
    guard preferences != before else { return [] }
    let looksOther = before.theme != preferences.theme || before.glyphs != preferences.glyphs
    return (looksOther ? [.restyle] : []) + [.save(preferences)]
  }
}
