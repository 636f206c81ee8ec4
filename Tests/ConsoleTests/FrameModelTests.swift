import Testing

@testable import Console

// Shortened frames against the frames that they were, on a naive terminal.

@Suite struct FrameModelTests {
  private static let width = 24
  private static let height = 6

  private struct Source {
    var random: SeededRandom
    var frame: [UInt8] = []
    var x = 0
    var y = 0
    /// Whether the place is known after the end of a row.
    var isKnown = false

    mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

    mutating func write(_ text: String) { frame += Array(text.utf8) }
  }

  private static let styles = [
    "0", "0;31", "0;1;32", "0;31;44", "38;5;240", "48;5;17", "7", "0;4;36", "22", "2",
  ]

  /// A frame as ncurses might write it, and worse.
  private static func frame(_ source: inout Source) -> [UInt8] {
    source.frame = []
    for _ in 0..<(5 + source.pick(40)) { step(&source) }
    return source.frame
  }

  private static func step(_ source: inout Source) {
    if !source.isKnown || source.pick(4) == 0 {
      (source.y, source.x) = (source.pick(height), source.pick(width))
      source.write("\u{1b}[\(source.y + 1);\(source.x + 1)H")
      source.isKnown = true
      return
    }
    switch source.pick(12) {
    case 0...2: source.write("\u{1b}[\(styles[source.pick(styles.count)])m")
    case 3...7: text(&source)
    case 8: source.write("\u{1b}[K")
    case 9: source.write("\u{1b}[\(1 + source.pick(5))X")
    case 10: source.write(source.pick(2) == 0 ? "\u{1b}[P" : "\u{1b}[@")
    default: move(&source)
    }
  }

  private static func text(_ source: inout Source) {
    let letters = Array("ab   cd")
    let count = 1 + source.pick(min(9, width - source.x))
    source.write(String((0..<count).map { _ in letters[source.pick(letters.count)] }))
    source.x += count
    source.isKnown = source.x < width
  }

  private static func move(_ source: inout Source) {
    switch source.pick(4) {
    case 0:
      source.write("\r")
      source.x = 0
    case 1:
      source.write("\n")
      source.y = min(height - 1, source.y + 1)
    case 2 where source.x > 0:
      source.write("\u{8}")
      source.x -= 1
    default:
      source.write("\u{1b}[2C")
      source.x = min(width - 1, source.x + 2)
    }
  }

  /// A frame from one screen to another, as ncurses writes it: each cell once, and some for nothing.
  private static func frame(
    _ source: inout Source, from old: ModelTerminal, to new: ModelTerminal
  ) -> [UInt8] {
    source.frame = []
    for (y, x) in (0..<height).flatMap({ y in (0..<width).map { (y, $0) } })
    where old.cells[y][x].seen != new.cells[y][x].seen || source.pick(3) == 0 {
      let cell = new.cells[y][x]
      source.write("\u{1b}[\(y + 1);\(x + 1)H\u{1b}[0m")
      let numbers =
        cell.look.attributes.sorted().map(String.init)
        + [cell.look.foreground, cell.look.background].filter { !$0.isEmpty }
      if !numbers.isEmpty { source.write("\u{1b}[\(numbers.joined(separator: ";"))m") }
      source.write(cell.text)
    }
    source.write("\u{1b}[0m\u{1b}[H")
    (source.y, source.x, source.isKnown) = (0, 0, true)
    return source.frame
  }

  /// What is shown stays the same, whatever is left out and in whatever order the rest comes; and no
  /// frame grows but by what it takes to begin.
  @Test(arguments: [UInt64(1), 2, 3, UInt64.random(in: 4...UInt64.max)])
  func whatIsSeenStaysTheSame(_ seed: UInt64) {
    var source = Source(random: SeededRandom(seed: seed))
    var plain = ModelTerminal(width: Self.width, height: Self.height)
    var shown = plain
    var terse = TerseFrame(
      size: Size(width: Self.width, height: Self.height), switchesOff: seed % 2 == 0)
    for number in 0..<300 {
      var after = plain
      var frame = Self.frame(&source)
      after.feed(frame)
      let short: [UInt8]
      if number % 2 == 0 {
        short = terse.shorten(frame)
      } else {
        frame = Self.frame(&source, from: plain, to: after)
        short = terse.shorten(frame) { spot in
          plain.cells[spot.y][spot.x].seen == after.cells[spot.y][spot.x].seen
        }
        after = plain
        after.feed(frame)
      }
      plain = after
      shown.feed(short)
      if let complaint = shown.complaint ?? plain.complaint {
        Issue.record("seed \(seed), frame \(number): \(complaint)")
        return
      }
      if shown.seen != plain.seen || short.count > frame.count + 30 {
        Issue.record("seed \(seed), frame \(number): another screen, or \(short.count) octets")
        return
      }
    }
  }
}

@Suite struct MotionTests {
  /// Every way leads there, by no more octets than a placing takes, and as many as it says.
  @Test func motionsAreRightAndShort() {
    let (width, height) = (120, 12)
    var random = SeededRandom(seed: 7)
    for _ in 0..<5_000 {
      func spot() -> Spot {
        Spot(
          y: .random(in: 0..<height, using: &random), x: .random(in: 0..<width, using: &random))
      }
      let from = spot()
      var to = spot()
      if Bool.random(using: &random) { to.x = min(width - 1, from.x + to.x % 3) }
      var terminal = ModelTerminal(width: width, height: height)
      terminal.feed(Motion(from: nil, to: from).octets)
      let motion = Motion(from: from, to: to)
      terminal.feed(motion.octets)
      let placing = Motion(from: nil, to: to)
      guard terminal.y == to.y, terminal.x == to.x, motion.octets.count == motion.count,
        motion.count <= placing.count, placing.octets.count == placing.count
      else {
        Issue.record("\(from) to \(to): \(motion.octets), at \(terminal.y) \(terminal.x)")
        return
      }
    }
  }
}

@Suite struct LineShiftTests {
  private func cells(_ text: String) -> ArraySlice<Cell> {
    var grid = Grid(Size(width: text.count, height: 1), ascii: false)
    grid.put(text, 0, 0, role: .graphLow)
    return grid.row(0)
  }

  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let old: String
    let new: String
    var columns: [ClosedRange<Int>] = []
  }

  static let cases = [
    Case(
      testDescription: "a graph that goes on", old: "in ▁▂▃▄▅▆▇█▇▆▅▄▃▂▁▂ SA 9",
      new: "in ▂▃▄▅▆▇█▇▆▅▄▃▂▁▂▃ SA 9", columns: [3...18]),
    Case(
      testDescription: "one that stands where it is level",
      old: "▁▂▃▄▅▆▇█▇▆▅▄▃▂▁▁▁▁▁▁", new: "▂▃▄▅▆▇█▇▆▅▄▃▂▁▁▁▁▁▁▁", columns: [0...14]),
    Case(testDescription: "nothing new", old: "▁▂▃▄▅▆▇█▇▆▅▄▃", new: "▁▂▃▄▅▆▇█▇▆▅▄▃"),
    Case(testDescription: "too short to be worth it", old: "abcdefgh", new: "bcdefghi"),
    Case(testDescription: "to the right", old: "▂▃▄▅▆▇█▇▆▅▄▃▂▁▂▃", new: "▁▂▃▄▅▆▇█▇▆▅▄▃▂▁▂"),
    Case(
      testDescription: "two side by side", old: "▁▂▃▄▅▆▇█▇▆▅▄▃▂▁▂ x ▁▂▃▄▅▆▇█▇▆▅▄▃▂▁▂",
      new: "▂▃▄▅▆▇█▇▆▅▄▃▂▁▂▃ x ▂▃▄▅▆▇█▇▆▅▄▃▂▁▂▃", columns: [0...15, 19...34]),
    Case(testDescription: "a level line", old: "█████████████████", new: "█████████████████"),
  ]

  @Test(arguments: cases)
  func whatMovesIsFound(_ example: Case) {
    let found = LineShift.find(in: 0, from: cells(example.old), to: cells(example.new))
    #expect(found.map(\.columns) == example.columns)
    if found.isEmpty { return }
    // Moved, only the last cell of each stretch differs.
    var grid = Grid(Size(width: example.old.count, height: 1), ascii: false)
    grid.put(example.old, 0, 0, role: .graphLow)
    var terminal = ModelTerminal(width: grid.width, height: 1)
    terminal.feed(Array(example.old.utf8))
    terminal.feed(Array("\u{1b}[H".utf8))
    for shift in found {
      grid.shiftLeft(shift.columns, 0, filler: LineShift.unknown)
      for case .fixed(let fixed) in shift.elements {
        terminal.feed(Motion(from: nil, to: fixed.place ?? Spot(y: 0, x: 0)).octets)
        terminal.feed(fixed.octets)
      }
    }
    let new = Array(example.new)
    for x in new.indices where !found.contains(where: { $0.columns.upperBound == x }) {
      #expect(grid[x, 0]?.base == new[x].unicodeScalars.first)
      #expect(terminal.cells[0][x].text == String(new[x]))
    }
  }
}
