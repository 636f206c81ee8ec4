/// Makes frames of ncurses shorter without changing what is seen.
///
/// ncurses sets colours and attributes anew from the ground up at each change, and as soon as a cell
/// has others, be it a blank. Here the pen moves only when a character is written that shows the
/// difference, and then only as far as it must.
struct TerseFrame {
  /// The pen as the terminal has it; nil if that is not known.
  private var actual: Pen?
  /// The pen as ncurses believes it to be.
  private var wanted = Pen.plain
  private let switchesOff: Bool
  // The last selection of a character set and the last shift: ncurses repeats them at each reset.
  private var characterSet: [UInt8] = []
  private var shift: UInt8?
  private var result: [UInt8] = []

  /// - Parameter switchesOff: Whether the terminal can switch single attributes off.
  init(switchesOff: Bool) {
    self.switchesOff = switchesOff
  }

  /// Has the next frame set everything anew: somebody else has used the terminal.
  mutating func forget() {
    actual = nil
    characterSet = []
    shift = nil
  }

  /// The frame, shortened; as it is if it holds something that is not known here.
  mutating func shorten(_ frame: [UInt8]) -> [UInt8] {
    let before = self
    result = []
    result.reserveCapacity(frame.count)
    var rest = frame[...]
    while let octet = rest.first {
      guard let length = take(octet, rest) else {
        self = before
        forget()
        // As ncurses leaves it at the end of each frame.
        wanted = .plain
        return frame
      }
      rest = rest.dropFirst(length)
    }
    movePen(to: wanted)
    return result
  }

  /// Takes what begins the text; returns its length, nil if it is not known.
  private mutating func take(_ octet: UInt8, _ text: ArraySlice<UInt8>) -> Int? {
    switch octet {
    case 0x1b: return takeEscape(text)
    case 0x0e, 0x0f:
      if shift != octet { result.append(octet) }
      shift = octet
      return 1
    case 0x0a: movePen(to: wanted)  // At the bottom it scrolls, and fills with the background.
    case 0x20: movePen(to: (actual ?? .plain).forBlank(like: wanted))
    case 0x21...: movePen(to: wanted)
    default: break
    }
    result.append(octet)
    return 1
  }

  private mutating func takeEscape(_ text: ArraySlice<UInt8>) -> Int? {
    guard let second = text.dropFirst().first else { return nil }
    switch second {
    case UInt8(ascii: "["): return takeControlSequence(text)
    case UInt8(ascii: "("), UInt8(ascii: ")"):
      let selection = Array(text.prefix(3))
      if selection != characterSet { result += selection }
      characterSet = selection
      return selection.count
    default:
      movePen(to: wanted)
      result += text.prefix(2)
      return 2
    }
  }

  private mutating func takeControlSequence(_ text: ArraySlice<UInt8>) -> Int? {
    let body = text.dropFirst(2).prefix { (0x20...0x3f).contains($0) }
    guard let final = text.dropFirst(2 + body.count).first, (0x40...0x7e).contains(final) else {
      return nil
    }
    let length = body.count + 3
    if final == UInt8(ascii: "m") {
      guard let parameters = Self.parameters(body), wanted.apply(parameters) else { return nil }
      return length
    }
    // Where the cursor goes has nothing to do with the pen; what is erased or moved takes its colour.
    if !Self.motions.contains(final) { movePen(to: wanted) }
    result += text.prefix(length)
    return length
  }

  private static let motions = Array("ABCDGHdfhl".utf8)

  private static func parameters(_ body: ArraySlice<UInt8>) -> [Int]? {
    if body.isEmpty { return [] }
    var parameters: [Int] = []
    for part in body.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false) {
      guard part.count <= 5, part.allSatisfy({ (48...57).contains($0) }) else { return nil }
      parameters.append(part.reduce(0) { $0 * 10 + Int($1 - 48) })
    }
    return parameters
  }

  private mutating func movePen(to pen: Pen) {
    guard actual != pen else { return }
    result += pen.sequence(after: actual, switchesOff: switchesOff)
    actual = pen
  }
}
