/// The ones' complement checksum of IP, ICMP, UDP and TCP (RFC 1071).
///
/// Holds the sum of 16-bit words so far; 64 bits, so that no packet can overflow it.
struct InternetChecksum {
  private var sum: UInt64

  /// Begins with a sum of words.
  @inline(__always)
  init(sum: UInt64 = 0) { self.sum = sum }

  @inline(__always)
  mutating func add(_ word: UInt16) { sum &+= UInt64(word) }

  /// Adds both halves of a 32-bit word.
  @inline(__always)
  mutating func add(_ word: UInt32) { sum &+= UInt64(word >> 16) &+ UInt64(word & 0xffff) }

  /// Adds all octets; an odd last one counts as if a 0 followed (RFC 1071, section 1).
  mutating func add(_ bytes: PacketBytes) {
    var offset = 0
    while offset &+ 4 <= bytes.count {
      add(bytes.word32(at: offset))
      offset &+= 4
    }
    if offset &+ 2 <= bytes.count {
      add(bytes.word16(at: offset))
      offset &+= 2
    }
    if offset < bytes.count { add(UInt16(bytes.octet(at: offset)) << 8) }
  }

  /// What belongs into the checksum field, if the field itself was added as 0.
  @inline(__always)
  var value: UInt16 {
    // Folding adds the carries back: 64 bits, then at most 33, 18 and 17 are left, then 16.
    var folded = (sum >> 32) &+ (sum & 0xffff_ffff)
    folded = (folded >> 16) &+ (folded & 0xffff)
    folded = (folded >> 16) &+ (folded & 0xffff)
    folded = (folded >> 16) &+ (folded & 0xffff)
    return ~UInt16(truncatingIfNeeded: folded)
  }

  /// The checksum after one 16-bit word of the covered octets changed: HC' = ~(~HC + ~m + m')
  /// (RFC 1624, equation 3).
  @inline(__always)
  static func updated(_ checksum: UInt16, from old: UInt16, to new: UInt16) -> UInt16 {
    var sum = InternetChecksum(sum: UInt64(~checksum))
    sum.add(~old)
    sum.add(new)
    return sum.value
  }
}
