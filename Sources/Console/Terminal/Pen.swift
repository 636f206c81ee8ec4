/// How characters are written: what SGR (ECMA-48, section 8.3.117; xterm's colours) has set.
struct Pen: Equatable {
  /// Bold, dim and so on, by the numbers of SGR that switch them on: bit n for number n.
  private var attributes: UInt8 = 0
  /// The parameters that set the colour; empty for the terminal's own.
  private var foreground: [Int] = []
  private var background: [Int] = []

  /// Attributes that are seen on a blank too: underline, blink, reverse.
  private static let seenOnBlanks: UInt8 = 1 << 4 | 1 << 5 | 1 << 7

  /// The pen of a terminal that was just reset.
  static let plain = Pen()

  /// Does what a sequence with these parameters does; false if it does something that is not known
  /// here.
  mutating func apply(_ parameters: [Int]) -> Bool {
    var rest = parameters.isEmpty ? [0] : parameters[...]
    while let first = rest.popFirst() {
      switch first {
      case 0: self = .plain
      case 1...5, 7: attributes |= 1 << UInt8(first)
      case 10: break  // The usual font, in which the terminal is already.
      case 22: attributes &= ~(1 << 1 | 1 << 2)
      case 23, 24, 25, 27: attributes &= ~(1 << UInt8(first - 20))
      case 30...37, 90...97: foreground = [first]
      case 40...47, 100...107: background = [first]
      case 39: foreground = []
      case 49: background = []
      case 38, 48:
        guard let color = Self.color(first, &rest) else { return false }
        if first == 38 { foreground = color } else { background = color }
      default: return false
      }
    }
    return true
  }

  private static func color(_ first: Int, _ rest: inout ArraySlice<Int>) -> [Int]? {
    let count = rest.first == 5 ? 2 : rest.first == 2 ? 4 : 0
    guard count > 0, rest.count >= count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return [first] + rest.prefix(count)
  }

  /// The pen with which a blank looks as with `other`, changed as little as can be: nobody sees the
  /// colour of a blank's text.
  func forBlank(like other: Pen) -> Pen {
    guard other.attributes & Self.seenOnBlanks == 0 else { return other }
    var result = self
    result.attributes &= ~Self.seenOnBlanks
    result.background = other.background
    return result
  }

  /// The shortest sequence that makes this pen of another; of one that is not known if that is nil.
  ///
  /// A terminal that cannot switch single attributes off gets all of them anew.
  func sequence(after other: Pen?, switchesOff: Bool) -> [UInt8] {
    guard self != other else { return [] }
    let anew = Self.sequence([0] + parameters(after: .plain))
    guard let other, switchesOff || other.attributes & ~attributes == 0 else { return anew }
    let change = Self.sequence(parameters(after: other))
    return change.count < anew.count ? change : anew
  }

  private func parameters(after other: Pen) -> [Int] {
    var parameters: [Int] = []
    var present = other.attributes
    let lost = present & ~attributes
    // Bold and dim have one number that switches both off.
    if lost & (1 << 1 | 1 << 2) != 0 {
      parameters.append(22)
      present &= ~(1 << 1 | 1 << 2)
    }
    for number in [3, 4, 5, 7] where lost & 1 << UInt8(number) != 0 {
      parameters.append(number + 20)
    }
    for number in 1...7 where attributes & ~present & 1 << UInt8(number) != 0 {
      parameters.append(number)
    }
    if foreground != other.foreground { parameters += foreground.isEmpty ? [39] : foreground }
    if background != other.background { parameters += background.isEmpty ? [49] : background }
    return parameters
  }

  private static func sequence(_ parameters: [Int]) -> [UInt8] {
    // A reset alone needs no parameter.
    let text = parameters == [0] ? "" : parameters.map(String.init).joined(separator: ";")
    return Array("\u{1b}[\(text)m".utf8)
  }
}
