/// Makes frames of ncurses shorter without changing what is seen.
///
/// ncurses writes row by row, sets colours and attributes anew from the ground up at each change, and
/// rather writes a few unchanged cells again than to jump over them, whatever colours they have. Here a
/// frame is taken apart and written anew: only what changes, one colour after the other, by the
/// shortest ways of the cursor.
struct TerseFrame {
  private var reader: FrameReader
  private var writer: FrameWriter
  /// Whether the rows that scroll may be those of another size.
  private var mayScrollLess = true

  /// Has all rows scroll and leaves the cursor where it is: DECSC, DECSTBM, DECRC.
  private static let scrollAll = Array("\u{1b}7\u{1b}[r\u{1b}8".utf8)

  /// Begins with a terminal of which nothing is known.
  ///
  /// - Parameters:
  ///   - size: The size of the screen.
  ///   - switchesOff: Whether the terminal can switch single attributes off.
  init(size: Size, switchesOff: Bool) {
    reader = FrameReader(size: size)
    writer = FrameWriter(size: size, switchesOff: switchesOff)
  }

  /// Takes a new size of the terminal over, which may have moved the cursor.
  mutating func resize(to size: Size) {
    reader.size = size
    writer.size = size
    writer.forget()
    mayScrollLess = true
  }

  /// Has the next frame set everything anew: somebody else has used the terminal.
  mutating func forget() { writer.forget() }

  /// Shortens a frame.
  ///
  /// - Parameters:
  ///   - frame: What ncurses wrote.
  ///   - shifts: What the terminal moves before; ncurses knows of it.
  ///   - settles: Whether cursor and pen must end as ncurses leaves them, since they are seen.
  ///   - isSame: Whether a cell looked the same before the frame, and after the shifts.
  /// - Returns: a frame that shows the same; the frame as it is if it holds something that is not known
  ///   here.
  mutating func shorten(
    _ frame: [UInt8], after shifts: [LineShift] = [], settles: Bool = false,
    isSame: (Spot) -> Bool = { _ in false }
  ) -> [UInt8] {
    writer.write(shifts, goingBack: reader.cursor == nil)
    let before = reader
    let elements = reader.read(frame, isSame: isSame)
    if let elements {
      writer.write(elements)
      if settles { writer.settle(reader.cursor, reader.pen) }
    } else {
      writer.settle(before.cursor, before.pen)
      writer.write(unknown: frame)
      reader = FrameReader(size: before.size)
    }
    let result = writer.take()
    guard mayScrollLess, !result.isEmpty else { return result }
    mayScrollLess = false
    // In between, a line feed might have scrolled.
    return elements == nil ? result + Self.scrollAll : Self.scrollAll + result
  }
}
