/// Accepts each sequence once, as far as 64 behind the highest one (pap.md, section 7, rule 4; the
/// window of RFC 4303, section 3.4.3).
///
/// Ask only after the tag has been verified: a forged sequence must not move the window.
package struct ReplayWindow: Hashable, Sendable {
  /// How many sequences back are still told apart.
  package static let width: UInt32 = 64

  /// The highest sequence accepted, 0 before the first.
  package private(set) var highest: UInt32 = 0
  /// Bit n: the sequence `highest - n` was accepted.
  private var seen: UInt64 = 0

  /// Makes a window that has seen nothing.
  package init() {}

  /// Whether the sequence is new and not too old; if so it is not accepted again.
  ///
  /// 0 never is.
  package mutating func accept(_ sequence: UInt32) -> Bool {
    guard sequence != 0 else { return false }
    if sequence > highest {
      // A shift of 64 or more leaves 0, as Swift defines `<<`.
      seen = seen << (sequence - highest) | 1
      highest = sequence
      return true
    }
    let age = highest - sequence
    guard age < Self.width, seen & 1 << age == 0 else { return false }
    seen |= 1 << age
    return true
  }
}
