internal import Configuration

/// Reads a theme from a TOML text.
///
/// Whatever is wrong becomes a warning with its line; the rest of the file still counts, and what
/// it does not say comes from the theme that it builds on.
struct ThemeFile {
  private(set) var theme: Theme
  private(set) var warnings: [ConfigurationProblem] = []
  private let file: String
  private var palette: [String: ThemeColor] = [:]

  /// Reads the text of a theme file.
  ///
  /// - Parameters:
  ///   - text: The TOML text.
  ///   - file: The file, as warnings name it.
  ///   - named: The name of the theme if the text does not say one.
  ///   - base: Gives the theme that `meta.inherits` names, or nil if there is none.
  /// - Throws: What stops the text from being TOML at all.
  init(
    text: String, file: String, named: String, base: (String) -> Theme? = { _ in nil }
  ) throws(ConfigurationError) {
    let root = try TOMLDocument(text: text, file: file).root
    self.file = file
    theme = Theme(name: named)
    warnUnknown(root, known: ["meta", "palette", "roles", "glyphs"])
    readMeta(root["meta"], base: base)
    readPalette(root["palette"])
    readRoles(root["roles"])
    readGlyphs(root["glyphs"])
  }

  private mutating func warn(_ node: TOMLNode, _ message: String) {
    warnings.append(
      ConfigurationProblem(file: file, line: node.line, key: node.path, message: message))
  }

  private mutating func warnUnknown(_ node: TOMLNode, known: [String]) {
    for member in node.members ?? [] where !known.contains(member.key) {
      let meant = Suggestion.nearest(to: member.key, among: known)
      warn(member.node, meant.map { "is unknown; did you mean '\($0)'?" } ?? "is unknown")
    }
  }

  private mutating func readMeta(_ node: TOMLNode?, base: (String) -> Theme?) {
    guard let node else { return }
    warnUnknown(node, known: ["name", "background", "inherits"])
    if let inherits = node["inherits"] {
      if let parent = inherits.string.flatMap(base) {
        theme = parent
      } else {
        warn(inherits, "names no theme: got \(inherits.described)")
      }
    }
    if let name = node["name"]?.string { theme.name = name }
    guard let background = node["background"] else { return }
    if let known = background.string.flatMap(Theme.Background.init(rawValue:)) {
      theme.background = known
    } else {
      warn(background, "got \(background.described), wants \"dark\" or \"light\"")
    }
  }

  private mutating func readPalette(_ node: TOMLNode?) {
    for member in node?.members ?? [] {
      if let color = color(member.node) { palette[member.key] = color }
    }
  }

  private mutating func readRoles(_ node: TOMLNode?) {
    guard let node else { return }
    for (name, value) in Self.flattened(node) {
      guard let role = Role(name: name) else {
        let meant = Suggestion.nearest(to: name, among: Role.allCases.map(\.name))
        warn(value, meant.map { "is no role; did you mean '\($0)'?" } ?? "is no role")
        continue
      }
      theme.styles[role] = style(value)
    }
  }

  // `state.ok = ...` is a table in a table to TOML, as is `"state.ok" = ...` a single key.
  private static func flattened(_ node: TOMLNode, prefix: String = "") -> [(String, TOMLNode)] {
    (node.members ?? []).flatMap { member -> [(String, TOMLNode)] in
      let name = prefix + member.key
      if isStyle(member.node) { return [(name, member.node)] }
      return flattened(member.node, prefix: name + ".")
    }
  }

  private static let styleKeys = ["fg", "bg", "attr", "mono"]

  // A table in which another role hangs is not a style, even if it is one as well: write the inner
  // role's name in quotes then.
  private static func isStyle(_ node: TOMLNode) -> Bool {
    guard let members = node.members else { return true }
    return members.isEmpty || members.contains { styleKeys.contains($0.key) }
  }

  private mutating func style(_ node: TOMLNode) -> RoleStyle {
    guard node.members != nil else { return RoleStyle(foreground: color(node)) }
    warnUnknown(node, known: Self.styleKeys)
    return RoleStyle(
      foreground: node["fg"].flatMap { color($0) }, background: node["bg"].flatMap { color($0) },
      attributes: node["attr"].map { attributes($0) } ?? [],
      mono: node["mono"].map { attributes($0) })
  }

  private mutating func attributes(_ node: TOMLNode) -> TextAttributes {
    var result: TextAttributes = []
    for part in node.elements ?? [node] {
      for word in (part.string ?? "?").split(separator: " ") {
        if let attribute = TextAttributes(name: String(word)) {
          result.formUnion(attribute)
        } else {
          warn(node, "got \(part.described), wants none, bold, dim, underline, reverse, italic")
        }
      }
    }
    return result
  }

  private mutating func color(_ node: TOMLNode) -> ThemeColor? {
    if node.members != nil { return depthTable(node) }
    let text = node.string ?? node.integer.map { String($0) } ?? ""
    if let found = palette[text] ?? ThemeColor(text) { return found }
    warn(
      node, "got \(node.described), wants a palette name, \"#rrggbb\", 0 to 255 or a colour name")
    return nil
  }

  private mutating func depthTable(_ node: TOMLNode) -> ThemeColor? {
    warnUnknown(node, known: ["rgb", "c256", "c16", "c8"])
    var result = ThemeColor()
    if let rgb = node["rgb"].flatMap({ color($0) }) { result = rgb }
    result.index256 = node["c256"].flatMap { number($0, below: 256) } ?? result.index256
    result.index16 = node["c16"].flatMap { number($0, below: 16) } ?? result.index16
    result.index8 = node["c8"].flatMap { number($0, below: 8) } ?? result.index8
    return result
  }

  private mutating func number(_ node: TOMLNode, below limit: Int) -> Int? {
    let named = node.string.flatMap { ThemeColor($0)?.index16 }
    if let value = node.integer.flatMap({ Int(exactly: $0) }) ?? named, (0..<limit).contains(value)
    {
      return value
    }
    // `default` is the terminal's own colour at this depth.
    if node.string == "default" { return -1 }
    warn(node, "got \(node.described), wants a colour below \(limit)")
    return nil
  }

  private mutating func readGlyphs(_ node: TOMLNode?) {
    guard let node else { return }
    for member in node.members ?? [] where member.key != "ascii" {
      theme.glyphs = glyphs(theme.glyphs, with: member)
    }
    for member in node["ascii"]?.members ?? [] {
      theme.asciiGlyphs = glyphs(theme.asciiGlyphs, with: member)
    }
  }

  private mutating func glyphs(_ glyphs: Glyphs, with member: TOMLNode.Member) -> Glyphs {
    guard let name = Glyphs.Name(rawValue: member.key) else {
      let meant = Suggestion.nearest(to: member.key, among: Glyphs.Name.allCases.map(\.rawValue))
      warn(member.node, meant.map { "is no glyph; did you mean '\($0)'?" } ?? "is no glyph")
      return glyphs
    }
    if let text = member.node.string, let changed = glyphs.replacing(name, by: text) {
      return changed
    }
    let wanted = name.count.map { "\($0) character(s)" } ?? "two or more characters"
    warn(member.node, "got \(member.node.described), wants \(wanted) of one column each")
    return glyphs
  }
}
