/// A key as the terminal sent it.
enum Key: Hashable, Sendable {
  /// A character, shifted as typed.
  case character(Unicode.Scalar)
  /// A control key, by its capital letter.
  case control(Unicode.Scalar)
  case up
  case down
  case left
  case right
  case pageUp
  case pageDown
  case home
  case end
  case insert
  case delete
  case backspace
  case tab
  case backTab
  case enter
  case escape
  /// A function key, from 1.
  case function(Int)

  /// As help and hints write it.
  var label: String {
    switch self {
    case .character(" "): "Space"
    case .character(let scalar): String(Character(scalar))
    case .control(let scalar): "^\(Character(scalar))"
    case .function(let number): "F\(number)"
    default: Self.names[self] ?? "?"
    }
  }

  private static let names: [Key: String] = [
    .up: "Up", .down: "Down", .left: "Left", .right: "Right", .pageUp: "PgUp",
    .pageDown: "PgDn", .home: "Home", .end: "End", .insert: "Ins", .delete: "Del",
    .backspace: "Bksp", .tab: "Tab", .backTab: "S-Tab", .enter: "Enter", .escape: "Esc",
  ]
}

extension Key: ExpressibleByUnicodeScalarLiteral {
  init(unicodeScalarLiteral value: Unicode.Scalar) { self = .character(value) }
}
