/// Takes frames of ncurses apart: what is written where, with which pen.
///
/// It knows the sequences of ECMA-48 that ncurses writes for the terminals of that family, and says so
/// where it meets another.
struct FrameReader {
  /// Octets of unchanged text that are rather written again than jumped over.
  private static let bridge = 4

  var size: Size
  /// Where ncurses believes the cursor to be; nil if it does not know.
  private(set) var cursor: Spot?
  /// The pen as ncurses believes it to be.
  private(set) var pen = Pen.plain
  /// The rows that scroll; outside of a frame all do.
  private var region = 0...0
  // The last selection of a character set and the last shift: ncurses repeats them at each reset.
  private var characterSet: [UInt8] = []
  private var shift: UInt8?

  private var elements: [FrameElement] = []
  private var open: FramePiece?
  // What stands at the end of the open piece and has not changed.
  private var tail = (octets: 0, width: 0)
  /// Rows in which something was moved or erased, so that unchanged cells must be written.
  private var disturbed: Set<Int> = []

  init(size: Size) { self.size = size }

  /// Takes a frame apart.
  ///
  /// - Parameters:
  ///   - frame: What ncurses wrote.
  ///   - isSame: Whether a cell looked the same before. What is written to such cells is left out.
  /// - Returns: its parts; nil if it holds something that is not known here.
  mutating func read(
    _ frame: [UInt8], isSame: (Spot) -> Bool = { _ in false }
  ) -> [FrameElement]? {
    elements = []
    disturbed = []
    region = allRows
    var rest = frame[...]
    while let octet = rest.first {
      guard let length = take(octet, rest, isSame) else { return nil }
      rest = rest.dropFirst(length)
    }
    close()
    return region == allRows ? elements : nil
  }

  private var allRows: ClosedRange<Int> { 0...max(0, size.height - 1) }

  // Takes what begins the text; returns its length, nil if it is not known.
  private mutating func take(
    _ octet: UInt8, _ text: ArraySlice<UInt8>, _ isSame: (Spot) -> Bool
  ) -> Int? {
    switch octet {
    case 0x1b: return takeEscape(text)
    case 0x00...0x1f: return takeControl(octet) ? 1 : nil
    default:
      guard let (length, width) = Self.character(text), write(text.prefix(length), width, isSame)
      else { return nil }
      return length
    }
  }

  private mutating func takeControl(_ octet: UInt8) -> Bool {
    if octet == 0x0f {
      if shift != octet { fix([octet], after: cursor) }
      shift = octet
      return true
    }
    // A bell; octets that only take time.
    if octet == 0x07 || octet == 0x00 {
      fix([octet], after: cursor)
      return true
    }
    guard let place = cursor else { return false }
    switch octet {
    case 0x08: move(to: place.y, place.x - 1)
    case 0x09: move(to: place.y, place.x / 8 * 8 + 8)
    case 0x0d: move(to: place.y, 0)
    case 0x0a where place.y == region.upperBound: scroll([octet], at: place)
    case 0x0a: move(to: place.y + 1, place.x)
    default: return false
    }
    return true
  }

  // MARK: Text

  /// The length in octets and the width in columns of the character that begins a text.
  private static func character(_ text: ArraySlice<UInt8>) -> (length: Int, width: Int)? {
    guard let first = text.first, first != 0x7f else { return nil }
    if first < 0x80 { return (1, 1) }
    let length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
    guard let decoded = String(validating: text.prefix(length), as: UTF8.self),
      let scalar = decoded.unicodeScalars.first, decoded.unicodeScalars.count == 1
    else { return nil }
    return (length, TextWidth.columns(of: scalar))
  }

  private mutating func write(
    _ octets: ArraySlice<UInt8>, _ width: Int, _ isSame: (Spot) -> Bool
  ) -> Bool {
    guard width > 0 else {
      combine(octets)
      return true
    }
    // Line feeds between pieces are motions only where all rows scroll.
    guard let place = cursor, region == allRows else { return false }
    let isUnchanged = !disturbed.contains(place.y) && isSame(place)
    let isBlank = octets.elementsEqual([0x20])
    if tail.octets > Self.bridge || !joins(place, isBlank) { close() }
    if open != nil {
      append(octets, width, isBlank, isUnchanged)
    } else if !isUnchanged {
      open = FramePiece(
        start: place, width: width, advance: width, octets: Array(octets), pen: pen,
        isBlank: isBlank)
    }
    // What the cursor does at the end of a row differs among terminals.
    cursor = place.x + width < size.width ? Spot(y: place.y, x: place.x + width) : nil
    return true
  }

  // Whether a character can go on with the open piece.
  private func joins(_ place: Spot, _ isBlank: Bool) -> Bool {
    guard let open, open.start.y == place.y, open.end == place.x else { return false }
    return open.pen == pen || (isBlank && open.pen.forBlank(like: pen) == open.pen)
      || (open.isBlank && pen.forBlank(like: open.pen) == pen)
  }

  private mutating func append(
    _ octets: ArraySlice<UInt8>, _ width: Int, _ isBlank: Bool, _ isUnchanged: Bool
  ) {
    if !isBlank, open?.isBlank == true {
      open?.pen = pen
      open?.isBlank = false
    }
    open?.octets += octets
    open?.width += width
    open?.advance += width
    tail = isUnchanged ? (tail.octets + octets.count, tail.width + width) : (0, 0)
  }

  // A combining character stands with the one before it, or nowhere if that is left out.
  private mutating func combine(_ octets: ArraySlice<UInt8>) {
    guard let piece = open, Spot(y: piece.start.y, x: piece.end) == (cursor ?? piece.endSpot) else {
      return
    }
    open?.octets += octets
    if tail.width > 0 { tail.octets += octets.count }
  }

  private mutating func close() {
    guard var piece = open else { return }
    piece.octets.removeLast(tail.octets)
    piece.width -= tail.width
    piece.advance = piece.width
    elements.append(.piece(piece))
    open = nil
    tail = (0, 0)
  }
}

extension FramePiece {
  fileprivate var endSpot: Spot { Spot(y: start.y, x: end) }
}

// MARK: - Sequences

extension FrameReader {
  private mutating func takeEscape(_ text: ArraySlice<UInt8>) -> Int? {
    guard let second = text.dropFirst().first else { return nil }
    switch second {
    case UInt8(ascii: "["): return takeControlSequence(text)
    case UInt8(ascii: "("), UInt8(ascii: ")"):
      // Letters that are none, such as the VT100's lines, are left to ncurses.
      guard text.count >= 3, text.dropFirst(2).first == UInt8(ascii: "B") else { return nil }
      let selection = Array(text.prefix(3))
      if selection != characterSet { fix(selection, after: cursor) }
      characterSet = selection
      return 3
    case UInt8(ascii: "M"):
      guard let place = cursor else { return nil }
      if place.y == region.lowerBound {
        scroll([0x1b, second], at: place)
      } else {
        move(to: place.y - 1, place.x)
      }
    case UInt8(ascii: "7"), UInt8(ascii: "="), UInt8(ascii: ">"):
      fix(Array(text.prefix(2)), after: cursor)
    case UInt8(ascii: "8"): fix(Array(text.prefix(2)), after: nil)
    default: return nil
    }
    return 2
  }

  private mutating func takeControlSequence(_ text: ArraySlice<UInt8>) -> Int? {
    let body = text.dropFirst(2).prefix { (0x20...0x3f).contains($0) }
    guard let final = text.dropFirst(2 + body.count).first else { return nil }
    let octets = text.prefix(body.count + 3)
    if final == UInt8(ascii: "h") || final == UInt8(ascii: "l") || final == UInt8(ascii: "t") {
      // Other modes than those of the cursor's look and of the keys may move the cursor.
      let isHarmless = Self.harmlessModes.contains(String(decoding: body, as: UTF8.self))
      fix(Array(octets), after: isHarmless ? cursor : nil)
      return octets.count
    }
    guard let parameters = Self.parameters(body), take(final, parameters, octets) else {
      return nil
    }
    return octets.count
  }

  private mutating func take(
    _ final: UInt8, _ parameters: [Int], _ octets: ArraySlice<UInt8>
  ) -> Bool {
    let number = max(1, parameters.first ?? 1)
    switch final {
    case UInt8(ascii: "m"): return pen.apply(parameters)
    case UInt8(ascii: "H"): move(to: number - 1, max(1, parameters.dropFirst().first ?? 1) - 1)
    case UInt8(ascii: "r"):
      let last = min(size.height, parameters.dropFirst().first ?? size.height)
      guard number <= last else { return false }
      region = number - 1...last - 1
      fix(Array(octets), after: nil)
    default:
      guard let place = cursor else { return false }
      return moveOrChange(final, number, parameters, place, octets)
    }
    return true
  }

  private mutating func moveOrChange(
    _ final: UInt8, _ number: Int, _ parameters: [Int], _ place: Spot, _ octets: ArraySlice<UInt8>
  ) -> Bool {
    switch final {
    case UInt8(ascii: "A"): move(to: place.y - number, place.x)
    case UInt8(ascii: "B"): move(to: place.y + number, place.x)
    case UInt8(ascii: "C"): move(to: place.y, place.x + number)
    case UInt8(ascii: "D"): move(to: place.y, place.x - number)
    case UInt8(ascii: "G"): move(to: place.y, number - 1)
    case UInt8(ascii: "d"): move(to: number - 1, place.x)
    case UInt8(ascii: "Z"): move(to: place.y, (place.x - 1) / 8 * 8)
    case UInt8(ascii: "K") where parameters.first ?? 0 == 0:
      erase(size.width - place.x, octets, at: place)
    case UInt8(ascii: "X"): erase(min(number, size.width - place.x), octets, at: place)
    case UInt8(ascii: "K"), UInt8(ascii: "P"), UInt8(ascii: "@"):
      disturbed.insert(place.y)
      fix(Array(octets), at: place, filling: pen, after: place)
    case UInt8(ascii: "J"): scroll(Array(octets), at: place)
    case UInt8(ascii: "L"), UInt8(ascii: "M"):
      scroll(Array(octets), at: place)
      // Terminals differ in whether the cursor goes to the row's beginning.
      if place.x > 0 { cursor = nil }
    default: return false
    }
    return true
  }

  private static let harmlessModes: Set<String> = ["4", "?1", "?7", "?12", "?25", "?12;25"]

  private static func parameters(_ body: ArraySlice<UInt8>) -> [Int]? {
    if body.isEmpty { return [] }
    var parameters: [Int] = []
    for part in body.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false) {
      guard part.count <= 5, part.allSatisfy({ (48...57).contains($0) }) else { return nil }
      parameters.append(part.reduce(0) { $0 * 10 + Int($1 - 48) })
    }
    return parameters
  }

  private mutating func move(to y: Int, _ x: Int) {
    cursor = Spot(y: max(0, min(size.height - 1, y)), x: max(0, min(size.width - 1, x)))
  }

  private mutating func erase(_ width: Int, _ octets: ArraySlice<UInt8>, at place: Spot) {
    close()
    disturbed.insert(place.y)
    elements.append(
      .piece(
        FramePiece(
          start: place, width: width, advance: 0, octets: Array(octets), pen: pen, isBlank: true)))
  }

  // What moves or fills many rows.
  private mutating func scroll(_ octets: [UInt8], at place: Spot) {
    disturbed.formUnion(region)
    fix(octets, at: place, filling: pen, after: place)
  }

  private mutating func fix(
    _ octets: [UInt8], at place: Spot? = nil, filling pen: Pen? = nil, after: Spot?
  ) {
    close()
    elements.append(.fixed(FixedOctets(octets: octets, place: place, pen: pen, after: after)))
    cursor = after
  }
}
