/// How text is set apart beside its colour.
struct TextAttributes: OptionSet, Hashable, Sendable {
  let rawValue: UInt8

  static let bold = TextAttributes(rawValue: 1)
  static let dim = TextAttributes(rawValue: 2)
  static let underline = TextAttributes(rawValue: 4)
  static let reverse = TextAttributes(rawValue: 8)
  static let italic = TextAttributes(rawValue: 16)

  /// The attribute of that name in a theme file, or nil.
  ///
  /// `none` is the empty set.
  init?(name: String) {
    switch name {
    case "none": self = []
    case "bold": self = .bold
    case "dim": self = .dim
    case "underline": self = .underline
    case "reverse": self = .reverse
    case "italic": self = .italic
    default: return nil
    }
  }

  init(rawValue: UInt8) { self.rawValue = rawValue }
}

/// What a theme says of one role.
struct RoleStyle: Equatable, Sendable {
  /// The colour of the text, or nil for that of the role `text`.
  var foreground: ThemeColor?
  /// The colour behind it, or nil for that of the role `text`.
  var background: ThemeColor?
  var attributes: TextAttributes = []
  /// The attributes where there is no colour, or nil for `attributes`.
  var mono: TextAttributes?
}

/// How one role looks on a terminal: what ncurses is told.
struct ResolvedStyle: Hashable, Sendable {
  /// Colour numbers; -1 for the terminal's own.
  var foreground: Int
  var background: Int
  var attributes: TextAttributes
}

/// A theme: how each role looks, and with which characters lines and graphs are drawn.
struct Theme: Equatable, Sendable {
  /// Whether it is made for dark or for light terminals.
  enum Background: String, Sendable {
    case dark
    case light
  }

  var name: String
  var background: Background = .dark
  var styles: [Role: RoleStyle] = [:]
  var glyphs: Glyphs = .unicode
  var asciiGlyphs: Glyphs = .ascii

  /// Everything in the terminal's own colours.
  static let colourless = Theme(name: "colourless")

  /// How a role looks at a depth.
  ///
  /// A role that the theme does not name looks like the one whose name is its own less the last
  /// dotted part, and in the end like `text`.
  func style(of role: Role, at depth: ColorDepth) -> ResolvedStyle {
    let own = declared(role)
    let base = styles[.text] ?? RoleStyle()
    if depth == .mono {
      return ResolvedStyle(
        foreground: -1, background: -1, attributes: own.mono ?? own.attributes)
    }
    return ResolvedStyle(
      foreground: (own.foreground ?? base.foreground ?? .terminal).number(at: depth),
      background: (own.background ?? base.background ?? .terminal).number(at: depth),
      attributes: own.attributes)
  }

  private func declared(_ role: Role) -> RoleStyle {
    var name = role.name[...]
    while true {
      if let found = Role(name: name), let style = styles[found] { return style }
      guard let dot = name.lastIndex(of: ".") else { return styles[.text] ?? RoleStyle() }
      name = name[..<dot]
    }
  }
}
