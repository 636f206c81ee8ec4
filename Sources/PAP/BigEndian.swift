// Big-endian numbers in octet buffers. Offsets count from the start of the slice. The callers have
// checked the length of what they read, once, before the first of these calls.

extension ArraySlice<UInt8> {
  /// The octet at `offset`.
  func octet(at offset: Int) -> UInt8 { self[startIndex + offset] }

  /// The two octets at `offset`.
  func uint16(at offset: Int) -> UInt16 {
    UInt16(octet(at: offset)) << 8 | UInt16(octet(at: offset + 1))
  }

  /// The four octets at `offset`.
  func uint32(at offset: Int) -> UInt32 {
    UInt32(uint16(at: offset)) << 16 | UInt32(uint16(at: offset + 2))
  }

  /// The eight octets at `offset`.
  func uint64(at offset: Int) -> UInt64 {
    UInt64(uint32(at: offset)) << 32 | UInt64(uint32(at: offset + 4))
  }

  /// The `count` octets at `offset`, as an array of their own.
  func octets(at offset: Int, count: Int) -> [UInt8] {
    Array(self[startIndex + offset..<startIndex + offset + count])
  }
}

extension [UInt8] {
  /// Adds the number, its most significant octet first.
  mutating func append(bigEndian value: some FixedWidthInteger) {
    for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }
}
