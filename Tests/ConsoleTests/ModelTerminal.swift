/// A terminal of ECMA-48's family as a naive model: cells with characters, colours and attributes.
struct ModelTerminal {
  struct Look: Hashable {
    var attributes: Set<Int> = []
    var foreground = ""
    var background = ""
  }

  struct Cell: Equatable {
    var text: String
    var look: Look

    /// As it is seen: a blank has no colour of text.
    var seen: Cell {
      guard text == " ", look.attributes.isDisjoint(with: [4, 5, 7]) else { return self }
      return Cell(text: text, look: Look(background: look.background))
    }
  }

  let width: Int
  let height: Int
  private(set) var cells: [[Cell]]
  private(set) var x = 0
  private(set) var y = 0
  private var look = Look()
  private var saved = (x: 0, y: 0)
  /// What it does not know.
  private(set) var complaint: String?

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    let blank = Cell(text: " ", look: Look())
    cells = Array(repeating: Array(repeating: blank, count: width), count: height)
  }

  var seen: [[Cell]] { cells.map { $0.map(\.seen) } }

  mutating func feed(_ octets: [UInt8]) {
    var rest = String(decoding: octets, as: UTF8.self).unicodeScalars[...]
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\u{1b}": escape(&rest)
      case "\r": x = 0
      case "\n": if y < height - 1 { y += 1 } else { scroll() }
      case "\u{8}": x = max(0, x - 1)
      default: put(String(scalar))
      }
    }
  }

  private mutating func put(_ text: String) {
    guard x < width else { return complaint = "text beyond the end of row \(y)" }
    cells[y][x] = Cell(text: text, look: look)
    x += 1
  }

  private mutating func scroll() {
    cells.removeFirst()
    cells.append(Array(repeating: erased, count: width))
  }

  private var erased: Cell { Cell(text: " ", look: Look(background: look.background)) }

  private mutating func escape(_ rest: inout Substring.UnicodeScalarView) {
    switch rest.popFirst() {
    case "[": break
    case "7": return saved = (x, y)
    case "8": return (x, y) = saved
    default: return complaint = "an escape sequence"
    }
    var body = ""
    while let scalar = rest.popFirst() {
      guard ("@"..."~").contains(scalar) else {
        body.unicodeScalars.append(scalar)
        continue
      }
      let numbers = body.split(separator: ";", omittingEmptySubsequences: false).map { Int($0) }
      return control(scalar, numbers)
    }
    complaint = "an end within a sequence"
  }

  private mutating func control(_ final: Unicode.Scalar, _ numbers: [Int?]) {
    let first = numbers.first ?? nil
    let count = first ?? 1
    if x >= width, final != "H", final != "m" { complaint = "a motion from the end of row \(y)" }
    switch final {
    case "m": style(numbers.map { $0 ?? 0 })
    case "H": (y, x) = (count - 1, ((numbers.count > 1 ? numbers[1] : nil) ?? 1) - 1)
    case "A": y = max(0, y - count)
    case "B": y = min(height - 1, y + count)
    case "C": x = min(width - 1, x + count)
    case "D": x = max(0, x - count)
    case "G": x = count - 1
    case "d": y = count - 1
    case "r" where first == nil: (y, x) = (0, 0)
    case "K": for place in x..<width { cells[y][place] = erased }
    case "X": for place in x..<min(width, x + count) { cells[y][place] = erased }
    case "P": cells[y] = cells[y][..<x] + cells[y][(x + 1)...] + [erased]
    case "@": cells[y] = cells[y][..<x] + [erased] + cells[y][x..<(width - 1)]
    default: complaint = "control sequence \(final)"
    }
  }

  private mutating func style(_ numbers: [Int]) {
    var rest = numbers.isEmpty ? [0] : numbers[...]
    while let number = rest.popFirst() {
      switch number {
      case 0: look = Look()
      case 1, 2, 3, 4, 5, 7: look.attributes.insert(number)
      case 22: look.attributes.subtract([1, 2])
      case 23, 24, 25, 27: look.attributes.remove(number - 20)
      case 30...37: look.foreground = "\(number)"
      case 40...47: look.background = "\(number)"
      case 39: look.foreground = ""
      case 49: look.background = ""
      case 38: look.foreground = Self.color(38, &rest)
      case 48: look.background = Self.color(48, &rest)
      default: complaint = "style \(number)"
      }
    }
  }

  // Of the 256 colours, by its number.
  private static func color(_ first: Int, _ rest: inout ArraySlice<Int>) -> String {
    defer { rest = rest.dropFirst(2) }
    return ([first] + rest.prefix(2)).map(String.init).joined(separator: ";")
  }
}
