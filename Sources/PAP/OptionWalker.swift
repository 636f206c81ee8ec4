/// One option as it stands on the wire, its value not yet looked into.
struct RawOption {
  /// The kind octet.
  let kind: UInt8
  /// Where the option starts in the message, in octets.
  let offset: Int
  /// The value without its padding.
  let value: ArraySlice<UInt8>
}

/// Walks the options of a message one after the other, and checks what all kinds have in common:
/// reserved octet, length and padding, and that authentication is last (pap.md, section 4).
struct OptionWalker {
  private let bytes: [UInt8]
  private let header: Header
  private var offset = WireFormat.headerLength
  private var isAuthenticated = false

  /// Starts behind the header of `bytes`, which has been read as `header`.
  init(_ bytes: [UInt8], header: Header) {
    self.bytes = bytes
    self.header = header
  }

  /// The next option, or nil at the end of the message.
  mutating func next() throws(PAPDecodingError) -> RawOption? {
    let room = bytes.count - offset
    guard room > 0 else { return nil }
    guard room >= WireFormat.optionHeaderLength else {
      throw error(.unaligned(octets: bytes.count))
    }
    let octets = bytes[offset...]
    let kind = octets.octet(at: 0)
    guard !isAuthenticated else { throw error(.afterAuthentication(kind: kind)) }
    guard octets.octet(at: 1) == 0 else {
      throw error(.notZero(.optionReserved, got: octets.octet(at: 1)), at: 1)
    }
    let value = try value(of: kind, length: Int(octets.uint16(at: 2)))
    defer { offset = value.startIndex + WireFormat.padded(value.count) }
    isAuthenticated = kind == OptionKind.authentication.rawValue
    return RawOption(kind: kind, offset: offset, value: value)
  }

  private func value(of kind: UInt8, length: Int) throws(PAPDecodingError) -> ArraySlice<UInt8> {
    let start = offset + WireFormat.optionHeaderLength
    let room = bytes.count - start
    guard WireFormat.padded(length) <= room else {
      throw error(.optionTooLong(kind: kind, length: length, room: room), at: 2)
    }
    let end = start + length
    for index in end..<start + WireFormat.padded(length) where bytes[index] != 0 {
      throw error(.notZero(.padding, got: bytes[index]), at: index - offset)
    }
    return bytes[start..<end]
  }

  private func error(_ fault: PAPDecodingError.Fault, at inner: Int = 0) -> PAPDecodingError {
    PAPDecodingError(fault: fault, offset: offset + inner, header: header)
  }
}
