internal import PAP

/// A generator whose numbers nobody can foretell who does not know its seed, and that anybody who
/// does can repeat: SHA-256 over seed and counter.
///
/// The router takes slots, session ids and nonces from it. A program seeds it with 32 octets of real
/// randomness, a test with a number that it prints when it fails.
package struct SeededRandom: RandomNumberGenerator, Sendable {
  private let seed: [UInt8]
  private var counter: UInt64 = 0
  private var block: [UInt8] = []

  /// Makes a generator from a seed of any length.
  ///
  /// Less than 32 random octets is for tests.
  package init(seed: [UInt8]) {
    self.seed = seed
  }

  /// Makes a generator for a test that is to be repeatable.
  package init(seed: UInt64) {
    self.init(seed: seed.bigEndianOctets)
  }

  package mutating func next() -> UInt64 {
    octets(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The next `count` octets.
  mutating func octets(_ count: Int) -> [UInt8] {
    while block.count < count {
      block += Crypto.sha256(seed + counter.bigEndianOctets)
      counter += 1
    }
    defer { block.removeFirst(count) }
    return Array(block.prefix(count))
  }

  /// A number that is not 0, for the ids for which 0 means "none".
  mutating func nonZero() -> UInt32 {
    while true {
      let number = octets(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      if number != 0 { return number }
    }
  }
}

extension UInt64 {
  fileprivate var bigEndianOctets: [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: self >> (56 - 8 * UInt64($0))) }
  }
}
