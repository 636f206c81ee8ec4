/// A rate limit for each source address, in memory that does not grow.
///
/// A source is kept in one of four places. If other sources hold them all and none of those has its
/// full burst back, the newcomer is refused: a flood from made-up addresses costs others service,
/// never the memory, and never lets through more than the places allow.
///
/// Invariant: a place is 16 octets, address and state, in a line of four; `setMask` keeps each access
/// within the mapping. One thread uses it.
@safe
struct SourceLimiter: ~Copyable {
  private let memory: MappedMemory
  private let limit: EventRate
  private let seed: UInt64

  private static let places = 4
  private static let placeSize = 16
  private static let stateOffset = 8
  private static let setBits: UInt64 = 10

  /// Makes a limiter for 4,096 sources at once; `seed` is secret, so that nobody can aim at places.
  init(_ limit: EventRate, seed: UInt64) {
    self.limit = limit
    self.seed = seed | 1
    memory = MappedMemory(byteCount: (Self.places * Self.placeSize) << Int(Self.setBits))
  }

  /// Whether the source may do it once more now.
  mutating func admit(_ source: UInt32, now: UInt64) -> Bool {
    let set = unsafe memory.base + setOffset(source)
    var free: Int?
    for index in 0..<Self.places {
      let offset = index * Self.placeSize
      let state = unsafe set.load(fromByteOffset: offset + Self.stateOffset, as: UInt64.self)
      if state <= now {
        // Its whole burst is back: it is as if it had never been here.
        free = free ?? offset
      } else if unsafe set.load(fromByteOffset: offset, as: UInt32.self) == source {
        guard let next = limit.admit(state, now: now) else { return false }
        unsafe set.storeBytes(of: next, toByteOffset: offset + Self.stateOffset, as: UInt64.self)
        return true
      }
    }
    guard let free, let next = limit.admit(0, now: now) else { return false }
    unsafe set.storeBytes(of: source, toByteOffset: free, as: UInt32.self)
    unsafe set.storeBytes(of: next, toByteOffset: free + Self.stateOffset, as: UInt64.self)
    return true
  }

  private func setOffset(_ source: UInt32) -> Int {
    let product = (UInt64(source) ^ seed).multipliedFullWidth(by: seed &* 0x9e37_79b9_7f4a_7c15)
    let set = (product.high ^ product.low) & (1 << Self.setBits - 1)
    return Int(set) * Self.places * Self.placeSize
  }
}
