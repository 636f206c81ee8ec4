/// A place on the screen, counted from 0.
struct Spot: Equatable, Sendable {
  var y: Int
  var x: Int
}

/// The shortest way of the cursor from one place to another, by sequences that all terminals of
/// ECMA-48's family know.
struct Motion {
  /// One control character so many times, or one sequence.
  fileprivate enum Step {
    case none
    /// CUP.
    case place(Spot)
    /// CUU, CUD, CUF, CUB, by their final octets.
    case by(Int, UInt8)
    /// LF, BS.
    case repeated(Int, UInt8)
    /// CR, then CUF.
    case fromLeft(Int)
  }

  private var vertical: Step
  private var horizontal: Step

  /// Finds it.
  ///
  /// - Parameters:
  ///   - from: Where the cursor is; nil if that is not known.
  ///   - to: Where it is to be.
  init(from: Spot?, to: Spot) {
    (vertical, horizontal) = (.place(to), .none)
    guard let from else { return }
    let down = Self.vertically(from.y, to.y)
    let across = Self.horizontally(from.x, to.x)
    guard down.count + across.count < count else { return }
    (vertical, horizontal) = (down, across)
  }

  /// In octets.
  var count: Int { vertical.count + horizontal.count }
  var octets: [UInt8] { vertical.octets + horizontal.octets }

  private static func vertically(_ from: Int, _ to: Int) -> Step {
    if from == to { return .none }
    if from > to { return .by(from - to, UInt8(ascii: "A")) }
    let sequence = Step.by(to - from, UInt8(ascii: "B"))
    return to - from < sequence.count ? .repeated(to - from, 0x0a) : sequence
  }

  private static func horizontally(_ from: Int, _ to: Int) -> Step {
    if from == to { return .none }
    if from < to {
      let sequence = Step.by(to - from, UInt8(ascii: "C"))
      return Step.fromLeft(to).count < sequence.count ? .fromLeft(to) : sequence
    }
    let back = Step.by(from - to, UInt8(ascii: "D"))
    let nearer = from - to < back.count ? Step.repeated(from - to, 0x08) : back
    return Step.fromLeft(to).count < nearer.count ? .fromLeft(to) : nearer
  }
}

extension Motion.Step {
  fileprivate var count: Int {
    switch self {
    case .none: 0
    case .place(let spot):
      3 + (spot.y > 0 ? Self.digits(spot.y + 1) : 0)
        + (spot.x > 0 ? 1 + Self.digits(spot.x + 1) : 0)
    case .by(let number, _): 3 + (number > 1 ? Self.digits(number) : 0)
    case .repeated(let number, _): number
    case .fromLeft(let column): column == 0 ? 1 : 1 + Self.by(column, 0).count
    }
  }

  fileprivate var octets: [UInt8] {
    switch self {
    case .none: return []
    case .place(let spot):
      let column = spot.x > 0 ? ";\(spot.x + 1)" : ""
      return Array("\u{1b}[\(spot.y > 0 ? String(spot.y + 1) : "")\(column)H".utf8)
    case .by(let number, let final):
      return Array("\u{1b}[\(number > 1 ? String(number) : "")".utf8) + [final]
    case .repeated(let number, let octet): return Array(repeating: octet, count: number)
    case .fromLeft(let column):
      return [0x0d] + (column == 0 ? [] : Self.by(column, UInt8(ascii: "C")).octets)
    }
  }

  private static func digits(_ number: Int) -> Int {
    number < 10 ? 1 : number < 100 ? 2 : number < 1_000 ? 3 : 5
  }
}
