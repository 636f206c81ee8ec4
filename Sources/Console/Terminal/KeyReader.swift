internal import CNcurses
internal import Glibc

/// What ncurses reads, as keys.
struct KeyReader {
  /// A key as `wget_wch` gives it.
  enum Raw: Equatable {
    /// A number of curses.h, such as KEY_UP.
    case code(Int32)
    case character(UInt32)
  }

  /// The keys in what was read at once.
  ///
  /// Escape sequences that the terminal's description does not know are left out whole: their parts
  /// would do as keys what nobody asked for.
  static func keys(_ raw: [Raw]) -> [Key] {
    var keys: [Key] = []
    var index = 0
    while index < raw.count {
      if raw[index] == .character(0x1b), let end = endOfSequence(raw, from: index) {
        index = end
        continue
      }
      if let key = key(raw[index]) { keys.append(key) }
      index += 1
    }
    return keys
  }

  /// The index after a control sequence (`ESC [`), a single shift (`ESC O`) or an operating system
  /// command (`ESC ]`), as ECMA-48 has them; nil if none begins there.
  private static func endOfSequence(_ raw: [Raw], from start: Int) -> Int? {
    guard start + 2 < raw.count + 1, start + 1 < raw.count else { return nil }
    switch raw[start + 1] {
    case .character(0x5b):
      return after(raw, start + 2) { (0x40...0x7e).contains($0) }
    case .character(0x4f): return min(raw.count, start + 3)
    case .character(0x5d): return afterCommand(raw, start + 2)
    default: return nil
    }
  }

  private static func after(_ raw: [Raw], _ start: Int, _ isFinal: (UInt32) -> Bool) -> Int {
    let end = raw[start...].firstIndex {
      if case .character(let value) = $0 { isFinal(value) } else { true }
    }
    return end.map { $0 + 1 } ?? raw.count
  }

  // Ends with BEL, or with ESC and a backslash.
  private static func afterCommand(_ raw: [Raw], _ start: Int) -> Int {
    let end = after(raw, start) { $0 == 0x07 || $0 == 0x1b }
    let isLong = raw[end - 1] == .character(0x1b) && end < raw.count
    return isLong && raw[end] == .character(0x5c) ? end + 1 : end
  }

  private static func key(_ raw: Raw) -> Key? {
    switch raw {
    case .code(let code): special[code] ?? function(code)
    case .character(let value): character(value)
    }
  }

  private static func character(_ value: UInt32) -> Key? {
    switch value {
    case 0x09: .tab
    case 0x0a, 0x0d: .enter
    case 0x1b: .escape
    case 0x08, 0x7f: .backspace
    case 1..<0x1b: Unicode.Scalar(value + 0x40).map { .control($0) }
    case 0x20...: Unicode.Scalar(value).map { .character($0) }
    default: nil
    }
  }

  private static func function(_ code: Int32) -> Key? {
    let number = code - NC_KEY_F0
    return (1...24).contains(number) ? .function(Int(number)) : nil
  }

  private static let special: [Int32: Key] = [
    KEY_UP: .up, KEY_DOWN: .down, KEY_LEFT: .left, KEY_RIGHT: .right, KEY_PPAGE: .pageUp,
    KEY_NPAGE: .pageDown, KEY_HOME: .home, KEY_END: .end, KEY_IC: .insert, KEY_DC: .delete,
    KEY_BACKSPACE: .backspace, KEY_BTAB: .backTab, KEY_ENTER: .enter,
  ]
}
