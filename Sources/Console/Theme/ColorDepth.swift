/// How many colours the terminal shows, and so how a theme's colours are told to it.
enum ColorDepth: Int, CaseIterable, Sendable {
  /// None: attributes only.
  case mono
  /// The eight of ECMA-48.
  case eight
  /// The eight and their bright forms.
  case sixteen
  /// xterm's palette.
  case twoHundredFiftySix
  /// Red, green and blue as numbers, without a palette.
  case direct

  /// The deepest that a terminal with that many colours can do.
  init(colors: Int) {
    switch colors {
    case (1 << 24)...: self = .direct
    case 256...: self = .twoHundredFiftySix
    case 16...: self = .sixteen
    case 8...: self = .eight
    default: self = .mono
    }
  }

  /// The depth that `--color` names; nil for `auto` and for words that name none.
  init?(option: String) {
    switch option {
    case "truecolor": self = .direct
    case "256": self = .twoHundredFiftySix
    case "16": self = .sixteen
    case "8": self = .eight
    case "mono": self = .mono
    default: return nil
    }
  }

  /// The words that `--color` takes.
  static let options = ["auto", "truecolor", "256", "16", "8", "mono"]
}
