/// Puts a frame together from its parts, in as few octets as it can.
///
/// The parts that are text go in the order in which pen and cursor have the shortest ways: what has one
/// colour is mostly written together. The pen moves only as far as it must.
struct FrameWriter {
  /// Pieces up to which an order is looked for: more are a whole screen, which is better painted from
  /// its top down.
  private static let mostOrdered = 256

  var size: Size
  private let switchesOff: Bool
  /// Where the cursor is; nil if that is not known.
  private var cursor: Spot?
  /// The pen as the terminal has it; nil if that is not known.
  private var pen: Pen?
  private var octets: [UInt8] = []

  /// Begins with a terminal of which nothing is known.
  ///
  /// - Parameters:
  ///   - size: The size of the screen.
  ///   - switchesOff: Whether the terminal can switch single attributes off.
  init(size: Size, switchesOff: Bool) {
    self.size = size
    self.switchesOff = switchesOff
  }

  /// Somebody else has used the terminal.
  mutating func forget() {
    cursor = nil
    pen = nil
  }

  /// What was written since the last call.
  mutating func take() -> [UInt8] {
    defer { octets = [] }
    return octets
  }

  /// Writes the parts of a frame.
  mutating func write(_ elements: [FrameElement]) {
    var batch: [FramePiece] = []
    for element in elements {
      switch element {
      case .piece(let piece):
        if batch.contains(where: piece.overlaps) { flush(&batch) }
        batch.append(piece)
      case .fixed(let fixed):
        flush(&batch)
        write(fixed)
      }
    }
    flush(&batch)
  }

  /// Writes octets of which nothing is known.
  mutating func write(unknown octets: [UInt8]) {
    self.octets += octets
    forget()
  }

  /// Has the terminal move parts of rows.
  ///
  /// - Parameters:
  ///   - shifts: What moves.
  ///   - goingBack: Whether the cursor must be where it was after that, since nobody else could bring
  ///     it back (DECSC, DECRC).
  mutating func write(_ shifts: [LineShift], goingBack: Bool) {
    guard !shifts.isEmpty else { return }
    if goingBack { octets += [0x1b, UInt8(ascii: "7")] }
    write(shifts.flatMap(\.elements))
    if goingBack {
      octets += [0x1b, UInt8(ascii: "8")]
      cursor = nil
    }
  }

  /// Takes cursor and pen where ncurses believes them to be.
  mutating func settle(_ cursor: Spot?, _ pen: Pen?) {
    if let cursor { move(to: cursor) }
    if let pen { movePen(to: pen) }
  }

  private mutating func write(_ fixed: FixedOctets) {
    settle(fixed.place, fixed.pen.map { (pen ?? .plain).forBlank(like: $0) })
    octets += fixed.octets
    // What needs no place leaves the cursor where it is, or nobody knows where.
    if fixed.place != nil || fixed.after == nil { cursor = fixed.after }
  }

  private mutating func write(_ piece: FramePiece) {
    move(to: piece.start)
    movePen(to: piece.isBlank ? (pen ?? .plain).forBlank(like: piece.pen) : piece.pen)
    octets += piece.octets
    let x = piece.start.x + piece.advance
    cursor = x < size.width ? Spot(y: piece.start.y, x: x) : nil
  }

  private mutating func move(to spot: Spot) {
    guard cursor != spot else { return }
    octets += Motion(from: cursor, to: spot).octets
    cursor = spot
  }

  private mutating func movePen(to wanted: Pen) {
    guard pen != wanted else { return }
    octets += wanted.sequence(after: pen, switchesOff: switchesOff)
    pen = wanted
  }

  // MARK: The order

  private mutating func flush(_ batch: inout [FramePiece]) {
    defer { batch = [] }
    guard batch.count <= Self.mostOrdered else { return batch.forEach { write($0) } }
    var ways = PenWays(switchesOff: switchesOff)
    var rest = batch.map { (piece: $0, pen: ways.number(of: $0.pen)) }
    var held = pen.map { ways.number(of: $0) }
    while !rest.isEmpty {
      var best = (place: 0, count: Int.max, held: 0)
      for (place, next) in rest.enumerated() {
        let way = ways.way(from: held, to: next.pen, isBlank: next.piece.isBlank)
        let motion =
          cursor == next.piece.start
          ? 0 : Motion(from: cursor, to: next.piece.start).count
        if way.count + motion < best.count { best = (place, way.count + motion, way.pen) }
      }
      // In their order as far as they stay: of equal ones the first goes first.
      write(rest.remove(at: best.place).piece)
      held = best.held
    }
  }
}

/// How many octets it takes from one pen to another, each reckoned once.
private struct PenWays {
  let switchesOff: Bool
  private var pens: [Pen] = []
  private var known: [Int: (pen: Int, count: Int)] = [:]

  init(switchesOff: Bool) { self.switchesOff = switchesOff }

  mutating func number(of pen: Pen) -> Int {
    if let number = pens.firstIndex(of: pen) { return number }
    pens.append(pen)
    return pens.count - 1
  }

  /// The pen that is held after something was written, and the octets that this takes.
  mutating func way(from held: Int?, to number: Int, isBlank: Bool) -> (pen: Int, count: Int) {
    if held == number { return (number, 0) }
    let key = ((held ?? -1) + 1) << 20 | number << 1 | (isBlank ? 1 : 0)
    if let way = known[key] { return way }
    let before = held.map { pens[$0] }
    let wanted = isBlank ? (before ?? .plain).forBlank(like: pens[number]) : pens[number]
    let way = (
      pen: self.number(of: wanted),
      count: wanted.sequence(after: before, switchesOff: switchesOff).count
    )
    known[key] = way
    return way
  }
}
