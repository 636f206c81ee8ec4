/// So many requests a second, and as many at once: a token bucket in two words.
struct RateLimit: Sendable {
  private let perSecond: UInt64
  /// When the bucket would be empty if it filled without limit: the whole state of a token bucket
  /// in one moment (the generic cell rate algorithm, ITU-T I.371, section 6.2).
  private var theoretical: UInt64 = 0

  /// Makes a limit; 0 a second counts as 1.
  init(perSecond: Int) {
    self.perSecond = UInt64(clamping: max(1, perSecond))
  }

  /// Whether one more may pass at this moment, which then counts.
  mutating func admit(at moment: UInt64) -> Bool {
    let interval = max(1, UInt64.second / perSecond)
    let start = max(theoretical, moment)
    guard start - moment <= interval * (perSecond - 1) else { return false }
    theoretical = start &+ interval
    return true
  }
}
