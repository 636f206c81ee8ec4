/// The hash of the forwarding table's keys: two wide multiplications, with secret numbers.
///
/// Secret, because hosts choose SPIs and name peers: without the numbers nobody can aim many keys at
/// one bucket. Not cryptographic: nobody outside sees a hash. Two, because after one the addresses of
/// a network, which differ in a few bits only, gather in few buckets for some secret numbers.
struct TableHash {
  private let seed: UInt64
  private let multiplier: UInt64

  init(using random: inout some RandomNumberGenerator) {
    seed = random.next()
    multiplier = random.next() | 1
  }

  /// 64 well mixed bits.
  @inline(__always)
  func callAsFunction(_ key: CellKey) -> UInt64 {
    let kind = UInt64(key.kind.rawValue) &* 0x9e37_79b9_7f4a_7c15
    let word = (UInt64(key.address) << 32 | UInt64(key.qualifier)) ^ seed ^ kind
    let first = word.multipliedFullWidth(by: multiplier)
    let second = (first.high ^ first.low ^ seed).multipliedFullWidth(by: 0xd6e8_feb8_6659_fd93)
    return second.high ^ second.low
  }
}
