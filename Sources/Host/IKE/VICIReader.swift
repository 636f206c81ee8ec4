/// Reads a VICI packet from front to back and never past its end.
struct VICIReader {
  private let octets: [UInt8]
  /// How many octets have been read.
  private(set) var offset = 0

  /// Starts at the first octet.
  init(_ octets: [UInt8]) {
    self.octets = octets
  }

  /// Whether nothing is left.
  var isAtEnd: Bool { offset == octets.count }

  /// One octet.
  mutating func octet() throws(VICIDecodingError) -> UInt8 {
    guard offset < octets.count else { throw .truncated(offset: offset) }
    defer { offset += 1 }
    return octets[offset]
  }

  /// One octet of length, then so many octets of UTF-8.
  mutating func name() throws(VICIDecodingError) -> String {
    let start = offset
    let bytes = try take(Int(try octet()))
    guard let name = String(validating: bytes, as: UTF8.self) else {
      throw .invalidName(offset: start)
    }
    return name
  }

  /// Two octets of length, then so many octets.
  mutating func value() throws(VICIDecodingError) -> [UInt8] {
    let high = try octet()
    let low = try octet()
    return Array(try take(Int(high) << 8 | Int(low)))
  }

  private mutating func take(_ count: Int) throws(VICIDecodingError) -> ArraySlice<UInt8> {
    guard count <= octets.count - offset else { throw .truncated(offset: offset) }
    defer { offset += count }
    return octets[offset..<offset + count]
  }
}

extension [UInt8] {
  /// Appends a name as `VICIReader.name` reads it.
  mutating func appendVICIName(_ name: String) {
    precondition(name.utf8.count <= 255, "a VICI name has at most 255 octets")
    append(UInt8(name.utf8.count))
    append(contentsOf: name.utf8)
  }

  /// Appends a value as `VICIReader.value` reads it.
  mutating func appendVICIValue(_ value: [UInt8]) {
    precondition(value.count <= 0xffff, "a VICI value has at most 65,535 octets")
    append(UInt8(value.count >> 8))
    append(UInt8(value.count & 0xff))
    append(contentsOf: value)
  }
}
