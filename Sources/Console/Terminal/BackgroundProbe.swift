internal import Net

/// Whether the terminal is dark or light, and what else came while it was asked.
struct BackgroundProbe {
  let background: Theme.Background
  /// What was typed before the console was there.
  let typedAhead: [Input]

  /// Asks the terminal (OSC 11), and looks at what the environment says of it (COLORFGBG); dark if
  /// neither helps.
  init(_ device: TerminalDevice) {
    // Every terminal answers the second question, so that nobody waits for an answer to the first
    // that never comes.
    let answer = device.ask(
      "\u{1b}]11;?\u{1b}\\\u{1b}[c", atMost: 0.2, isComplete: Self.isAnswered)
    let text = String(decoding: answer, as: UTF8.self)
    background =
      Self.luminance(in: text).map { $0 > 0.5 ? .light : .dark }
      ?? Self.background(colors: ThisProcess.environment("COLORFGBG") ?? "")
    // The answers themselves are sequences that stand for no key.
    var reader = KeyReader()
    let read = reader.read(text.unicodeScalars.map { .character($0.value) })
    typedAhead = read + reader.giveUp()
  }

  /// Whether the answer to the second question, a device's attributes (ECMA-48, section 8.3.24), has
  /// come.
  static func isAnswered(_ octets: [UInt8]) -> Bool {
    guard let start = octets.firstRange(of: Array("\u{1b}[?".utf8)) else { return false }
    return octets[start.upperBound...].contains(UInt8(ascii: "c"))
  }

  /// The background in a text such as `0;15`: foreground and background among the sixteen colours.
  static func background(colors: String) -> Theme.Background {
    guard let number = colors.split(separator: ";").last.flatMap({ Int($0) }) else { return .dark }
    return number == 7 || (9...15).contains(number) ? .light : .dark
  }

  /// How bright, from 0 to 1, the colour in `rgb:RRRR/GGGG/BBBB` is; nil if there is none.
  static func luminance(in answer: String) -> Double? {
    guard let start = answer.firstRange(of: "rgb:")?.upperBound else { return nil }
    let parts = answer[start...].prefix { $0.isHexDigit || $0 == "/" }.split(separator: "/")
    let values = parts.compactMap { part -> Double? in
      guard (1...4).contains(part.utf8.count), let value = Int(part, radix: 16) else { return nil }
      return Double(value) / Double((1 << (4 * part.utf8.count)) - 1)
    }
    guard values.count == 3 else { return nil }
    return 0.2126 * values[0] + 0.7152 * values[1] + 0.0722 * values[2]
  }
}
