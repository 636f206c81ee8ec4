extension [UInt8] {
  /// Makes the checksum of the IPv4 header at `offset` right (RFC 791, section 3.1), word by word, as
  /// tests do that change a header which scapy made.
  mutating func mendHeaderChecksum(at offset: Int) {
    self[offset + 10] = 0
    self[offset + 11] = 0
    var sum: UInt32 = 0
    for place in stride(from: offset, to: offset + 20, by: 2) {
      sum += UInt32(self[place]) * 256 + UInt32(self[place + 1])
    }
    while sum > 0xffff { sum = sum % 0x10000 + sum / 0x10000 }
    self[offset + 10] = 255 - UInt8(sum / 256)
    self[offset + 11] = 255 - UInt8(sum % 256)
  }
}
