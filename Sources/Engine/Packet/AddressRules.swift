/// Addresses that no packet on the outside may have, host byte order.
enum AddressRules {
  /// Whether an address can be that of one host on the Internet: not 0/8, 127/8, 169.254/16,
  /// multicast, class E or broadcast (RFC 1122, section 3.2.1.3; RFC 1812, section 5.3.7; RFC 3927,
  /// section 7).
  @inline(__always)
  static func isUnicast(_ address: UInt32) -> Bool {
    let first = address >> 24
    return first != 0 && first != 127 && first < 224 && address >> 16 != 0xa9fe
  }
}
