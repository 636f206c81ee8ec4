internal import PAP

/// A rate limit for each address that is no host's, in memory that does not grow.
///
/// Addresses share places, so a flood can use up the refusals of others that nobody knows either.
/// Nothing but refusals depends on it, so nobody gains by aiming at a place.
struct StrangerLimits: Sendable {
  private static let placeBits: UInt32 = 10

  private var places: [RateLimit]

  /// Makes limits of so many refusals a second.
  init(perSecond: Int) {
    let limit = RateLimit(perSecond: perSecond)
    places = [RateLimit](repeating: limit, count: 1 << Int(Self.placeBits))
  }

  /// Whether one more to the address may pass at this moment, which then counts.
  mutating func admit(_ address: IPv4Address, at moment: UInt64) -> Bool {
    // Neighbours fall into different places.
    let mixed = address.rawValue &* 0x9e37_79b1
    return places[Int(mixed >> (32 - Self.placeBits))].admit(at: moment)
  }
}
