internal import Net

/// How long the control thread works on one answer before it looks after others.
enum WorkSlice {
  /// Nanoseconds.
  private static let length: UInt64 = 2_000_000

  /// When a slice ends that begins now, monotonic nanoseconds.
  static var end: UInt64 { MonotonicClock.now() + length }
}

/// The newest of some rows, as far as they are wanted, looked for a little at a time.
struct NewestRows {
  /// Rows between two looks at the clock.
  private static let rowsAtOnce = 16

  private let most: Int
  private let isWanted: (Int) -> Bool
  /// The numbers that were not looked at yet, oldest first.
  private var rest: ArraySlice<Int>
  /// Those of wanted rows, newest first.
  private var found: [Int] = []

  /// Looks among the rows of these numbers, oldest first, for so many at most.
  init(_ most: Int, among numbers: [Int], where isWanted: @escaping (Int) -> Bool) {
    self.most = most
    self.isWanted = isWanted
    rest = numbers[...]
  }

  /// Looks on until a moment (monotonic nanoseconds); the numbers, oldest first, once all are known.
  mutating func advance(until end: UInt64) -> [Int]? {
    while found.count < most, let number = rest.popLast() {
      if isWanted(number) { found.append(number) }
      if rest.count % Self.rowsAtOnce == 0, MonotonicClock.now() >= end { return nil }
    }
    return found.reversed()
  }
}

/// Rows of the drop log as events for one who subscribes, made piece by piece: whole lines.
final class DropEvents: AnswerInPieces {
  /// Lines in a piece.
  private static let linesAtOnce = 256

  private var newest: NewestRows
  /// What is still to be written; nil until all is found.
  private var numbers: ArraySlice<Int>?
  private let line: (Int) throws(ControlError) -> [UInt8]

  /// Makes the lines of the rows that were looked for.
  init(_ newest: NewestRows, _ line: @escaping (Int) throws(ControlError) -> [UInt8]) {
    self.newest = newest
    self.line = line
  }

  /// The next lines; nil after the last ones.
  func next() throws(ControlError) -> [UInt8]? {
    guard let rest = numbers else {
      numbers = newest.advance(until: WorkSlice.end).map { $0[...] }
      return []
    }
    if rest.isEmpty { return nil }
    numbers = rest.dropFirst(Self.linesAtOnce)
    var octets: [UInt8] = []
    for number in rest.prefix(Self.linesAtOnce) { octets += try line(number) }
    return octets
  }
}
