/// What the mouse did, as the terminal reports it.
struct MouseEvent: Equatable, Sendable {
  enum Kind: Equatable, Sendable {
    /// The left button went down.
    case press
    case wheelUp
    case wheelDown
  }

  var kind: Kind
  /// The cell, counted from 0.
  var x: Int
  var y: Int

  /// Has the terminal report buttons and the wheel in its extended form (xterm's modes 1000, 1006).
  static let on = "\u{1b}[?1000h\u{1b}[?1006h"
  static let off = "\u{1b}[?1006l\u{1b}[?1000l"

  init(_ kind: Kind, x: Int, y: Int) {
    self.kind = kind
    self.x = x
    self.y = y
  }

  /// Reads what stands between `CSI <` and the final character of xterm's extended report; nil for
  /// releases, motions and other buttons.
  init?(report: String, final: Unicode.Scalar) {
    let numbers = report.split(separator: ";").compactMap { Int($0) }
    guard final == "M", numbers.count == 3, numbers[1] > 0, numbers[2] > 0 else { return nil }
    // Shift, Meta and Control are 4, 8 and 16.
    switch numbers[0] & ~0x1c {
    case 0: kind = .press
    case 64: kind = .wheelUp
    case 65: kind = .wheelDown
    default: return nil
    }
    x = numbers[1] - 1
    y = numbers[2] - 1
  }
}
