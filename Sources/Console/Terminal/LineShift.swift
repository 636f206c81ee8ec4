/// A stretch of a row that moves one column to the left as it is, as a graph does whose values go on.
///
/// The terminal moves it (ECMA-48's DCH and ICH), so that it need not be written again.
struct LineShift: Equatable {
  /// Octets that a shift takes, and so must spare.
  private static let cost = 32

  let y: Int
  /// The cell at the lower bound goes; that at the upper bound is new, and is still to be written.
  let columns: ClosedRange<Int>

  /// The stretches of a row that are worth it.
  static func find(
    in y: Int, from old: ArraySlice<Cell>, to new: ArraySlice<Cell>
  ) -> [LineShift] {
    let (old, new) = (Array(old), Array(new))
    var shifts: [LineShift] = []
    var first: Int?
    var last = 0
    var spared = 0
    func end() {
      if let first, spared > cost { shifts.append(LineShift(y: y, columns: first...last + 1)) }
      (first, spared) = (nil, 0)
    }
    for x in 0..<max(0, min(old.count, new.count) - 1) {
      guard new[x] == old[x + 1], !old[x].isContinuation, !old[x + 1].isContinuation else {
        end()
        continue
      }
      guard new[x] != old[x] else { continue }
      first = first ?? x
      last = x
      spared += new[x].base.utf8.count
    }
    end()
    return shifts
  }

  /// What stands in a cell of which nobody knows how it looks; no screen holds it.
  static let unknown = Cell(base: "\u{fffe}", role: .text)

  /// What the terminal is told.
  var elements: [FrameElement] {
    let (left, right) = (Spot(y: y, x: columns.lowerBound), Spot(y: y, x: columns.upperBound))
    return [(left, "P"), (right, "@")].map { place, final in
      .fixed(FixedOctets(octets: Array("\u{1b}[\(final)".utf8), place: place, after: place))
    }
  }
}
