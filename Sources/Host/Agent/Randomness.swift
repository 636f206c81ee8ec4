internal import PAP

/// Where the agent's random octets come from: passed in, so that a test can repeat a run.
struct Randomness {
  /// So many random octets.
  let octets: (Int) -> [UInt8]

  /// Octets that nobody can foresee.
  static var secure: Randomness { Randomness { Crypto.randomBytes($0) } }

  /// A random number.
  func number() -> UInt32 {
    octets(4).reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// A factor from 0.9 to 1.1, so that hosts that lost the router together do not all return at once.
  func jitter() -> Double {
    0.9 + 0.2 * Double(number()) / Double(UInt32.max)
  }
}
