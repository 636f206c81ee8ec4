/// What ncurses has painted, made fit for more terminals than it knows.
enum Frame {
  /// The length up to which a frame needs no marks: it reaches the terminal in one piece.
  static let shortest = 512

  /// The frame between the marks of a synchronised update (private mode 2026): a terminal that knows
  /// them shows it at once, and others take no notice.
  static func synchronized(_ frame: [UInt8]) -> [UInt8] {
    Array("\u{1b}[?2026h".utf8) + frame + Array("\u{1b}[?2026l".utf8)
  }

  /// The frame without what descriptions of terminals promise and some emulators do not keep:
  /// scrolling by a number of lines (ECMA-48's SU and SD) becomes as many line feeds or reverse line
  /// feeds, and the repetition of a character (REP) becomes as many characters.
  ///
  /// ncurses scrolls only at the edge of the scrolling region, where the two do the same, and
  /// repeats only ASCII, right after the character. The frame holds no escape character but those of
  /// ncurses: text goes through `SafeText`.
  static func plain(_ frame: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(frame.count)
    var rest = frame[...]
    while let escape = rest.firstIndex(of: 0x1b) {
      result += rest[..<escape]
      rest = rest[escape...]
      if let sequence = Sequence(rest) {
        result += sequence.plain(after: result.last ?? UInt8(ascii: " "))
        rest = rest.dropFirst(sequence.length)
      } else {
        result.append(rest.removeFirst())
      }
    }
    return result + rest
  }

  /// `CSI n S`, `CSI n T` or `CSI n b`.
  private struct Sequence {
    private var count: Int
    private var final: UInt8
    /// In octets.
    var length: Int

    init?(_ text: ArraySlice<UInt8>) {
      guard text.dropFirst().first == UInt8(ascii: "[") else { return nil }
      let digits = text.dropFirst(2).prefix(3).prefix { (48...57).contains($0) }
      guard let final = text.dropFirst(2 + digits.count).first,
        [UInt8(ascii: "S"), UInt8(ascii: "T"), UInt8(ascii: "b")].contains(final)
      else { return nil }
      count = digits.isEmpty ? 1 : digits.reduce(0) { $0 * 10 + Int($1 - 48) }
      length = digits.count + 3
      self.final = final
    }

    func plain(after last: UInt8) -> [UInt8] {
      let once: [UInt8] =
        switch final {
        case UInt8(ascii: "S"): [0x0a]
        case UInt8(ascii: "T"): [0x1b, UInt8(ascii: "M")]
        default: [last]
        }
      return Array(repeatElement(once, count: count).joined())
    }
  }
}
