/// Numbers for versions of objects: no two objects, and no two versions of one, have the same.
///
/// They are not stored. A restart begins above all that were given before, so that nobody takes an
/// object for one that he saw earlier.
struct Generations: Sendable {
  /// The first number of this run.
  private(set) var first: UInt64 = 1
  private var last: UInt64 = 1

  /// Begins at a moment of the wall clock (nanoseconds since 1970): 4,096 numbers for each
  /// millisecond, below 2^53, which is what a JSON number carries exactly, until the year 2039.
  mutating func begin(at wallClock: UInt64) {
    first = max(1, (wallClock / 1_000_000) << 12)
    last = first
  }

  /// A number that nothing has.
  mutating func next() -> UInt64 {
    last += 1
    return last
  }
}
