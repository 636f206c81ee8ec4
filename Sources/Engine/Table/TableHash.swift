/// The hash of the forwarding table's keys: one wide multiplication with secret numbers.
///
/// Secret, because hosts choose SPIs and name peers: without the numbers nobody can aim many keys at
/// one bucket. Not cryptographic: nobody outside sees a hash.
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
    let product = word.multipliedFullWidth(by: multiplier)
    return product.high ^ product.low
  }
}
