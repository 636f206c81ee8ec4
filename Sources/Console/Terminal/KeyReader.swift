internal import CNcurses
internal import Glibc

/// What came from the terminal.
enum Input: Equatable, Sendable {
  case key(Key)
  case mouse(MouseEvent)
  /// Text that was pasted, as the terminal marks it.
  case paste(String)
  /// The terminal's answer to the query that ends a frame.
  case answer
}

/// What ncurses reads, as keys and whatever else a terminal says.
///
/// Sequences may come in pieces: the beginning of one waits for its rest.
struct KeyReader {
  /// A key as `wget_wch` gives it.
  enum Raw: Equatable {
    /// A number of curses.h, such as KEY_UP.
    case code(Int32)
    case character(UInt32)
  }

  /// How long the rest of a sequence is waited for, nanoseconds: an Escape that stays alone so long is
  /// the key.
  static let patience = 25 * Moment.millisecond
  /// How long the rest of a pasted text is.
  static let pastePatience = 2 * Moment.second
  /// The longest sequence and the longest pasted text that are taken, in characters.
  private static let longestSequence = 4_096
  private static let longestPaste = 65_536

  private var held: [Raw] = []
  /// What has been pasted so far, while the end of it has not come.
  private var pasted: String.UnicodeScalarView?

  /// How long to wait for the rest of what has begun, nanoseconds; nil if nothing has.
  var wait: UInt64? {
    if pasted != nil { return Self.pastePatience }
    return held.isEmpty ? nil : Self.patience
  }

  /// Takes in what was read at once.
  ///
  /// Escape sequences that nobody knows are left out whole: their parts would do as keys what nobody
  /// asked for.
  mutating func read(_ raw: [Raw]) -> [Input] {
    var rest = (held + raw)[...]
    held = []
    var inputs: [Input] = []
    while let first = rest.first {
      if first == .character(0x1b) {
        guard let sequence = EscapeSequence(rest) else {
          if rest.count <= Self.longestSequence { held = Array(rest) }
          break
        }
        rest = rest.dropFirst(sequence.length)
        take(sequence.meaning, &inputs)
      } else {
        rest.removeFirst()
        take(first, &inputs)
      }
    }
    return inputs
  }

  /// Takes what has waited for its rest as it is: nothing more comes.
  mutating func giveUp() -> [Input] {
    var inputs: [Input] = []
    if pasted != nil { endPaste(&inputs) }
    if held == [.character(0x1b)] { inputs.append(.key(.escape)) }
    held = []
    return inputs
  }

  private mutating func take(_ meaning: EscapeSequence.Meaning, _ inputs: inout [Input]) {
    switch meaning {
    case .pasteBegins: pasted = pasted ?? String.UnicodeScalarView()
    case .pasteEnds: endPaste(&inputs)
    case _ where pasted != nil, .nothing: break
    case .input(let input): inputs.append(input)
    }
  }

  private mutating func take(_ raw: Raw, _ inputs: inout [Input]) {
    guard pasted != nil else {
      if let key = Self.key(raw) { inputs.append(.key(key)) }
      return
    }
    guard case .character(let value) = raw, let scalar = Unicode.Scalar(value),
      pasted?.count ?? 0 < Self.longestPaste
    else { return }
    pasted?.append(scalar)
  }

  private mutating func endPaste(_ inputs: inout [Input]) {
    if let pasted { inputs.append(.paste(String(pasted))) }
    pasted = nil
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
