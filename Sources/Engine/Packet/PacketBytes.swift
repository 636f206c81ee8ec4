/// The octets of one packet, with room before them for the headers that the router prepends.
///
/// Parsers check lengths first and then read; here each access is checked once more, so that a slip
/// in a parser would stop the process rather than read what is not the packet's. Multi-octet numbers
/// are in network byte order in the packet, in host byte order here. Offsets count from the packet's
/// first octet; those below 0 lie in the headroom.
///
/// Invariant: `base` points at `count` readable and writable octets, with `headroom` more before
/// them, for as long as the value is used. Nobody else writes there meanwhile. Values are made by
/// who owns the buffer and handed down only.
@safe
struct PacketBytes {
  private let base: UnsafeMutableRawPointer
  /// Octets of the packet.
  let count: Int
  /// Octets before the packet that may be written.
  let headroom: Int

  /// The room that a worker leaves before each packet it reads: for the outer header, and for the
  /// 48 octets that an ICMP error through the tunnel puts before what it quotes.
  static let headroomOfBuffers = 64

  init(base: UnsafeMutableRawPointer, count: Int, headroom: Int) {
    unsafe self.base = base
    self.count = count
    self.headroom = headroom
  }

  /// The first `length` octets.
  ///
  /// - Precondition: `length` is 0 to `count`.
  func prefix(_ length: Int) -> PacketBytes {
    precondition((0...count).contains(length), "a packet cannot be cut to more than it is")
    return unsafe PacketBytes(base: base, count: length, headroom: headroom)
  }

  /// The octets from `offset` on; those before become headroom.
  ///
  /// - Precondition: `offset` is 0 to `count`.
  func dropFirst(_ offset: Int) -> PacketBytes {
    precondition((0...count).contains(offset), "a packet cannot begin after its end")
    return unsafe PacketBytes(
      base: base + offset, count: count &- offset, headroom: headroom &+ offset)
  }
}

// MARK: - Reading

extension PacketBytes {
  @inline(__always)
  func octet(at offset: Int) -> UInt8 { load(offset) }

  @inline(__always)
  func word16(at offset: Int) -> UInt16 { UInt16(bigEndian: load(offset)) }

  @inline(__always)
  func word32(at offset: Int) -> UInt32 { UInt32(bigEndian: load(offset)) }

  @inline(__always)
  func word64(at offset: Int) -> UInt64 { UInt64(bigEndian: load(offset)) }

  @inline(__always)
  private func load<Word: BitwiseCopyable>(_ offset: Int) -> Word {
    precondition(
      offset >= 0 && offset &+ MemoryLayout<Word>.size <= count, "read outside of the packet")
    return unsafe base.loadUnaligned(fromByteOffset: offset, as: Word.self)
  }
}

// MARK: - Writing

extension PacketBytes {
  @inline(__always)
  func set(_ value: UInt8, at offset: Int) { store(value, offset) }

  @inline(__always)
  func set(_ value: UInt16, at offset: Int) { store(value.bigEndian, offset) }

  @inline(__always)
  func set(_ value: UInt32, at offset: Int) { store(value.bigEndian, offset) }

  @inline(__always)
  private func store<Word: BitwiseCopyable>(_ value: Word, _ offset: Int) {
    precondition(
      offset >= -headroom && offset &+ MemoryLayout<Word>.size <= count,
      "write outside of the packet and its headroom")
    unsafe base.storeBytes(of: value, toByteOffset: offset, as: Word.self)
  }
}

// MARK: - Copying

extension PacketBytes {
  /// Copies octets of the packet to memory that has room for as many.
  func copy(_ range: Range<Int>, to place: UnsafeMutableRawPointer) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "read outside of the packet")
    unsafe place.copyMemory(from: base + range.lowerBound, byteCount: range.count)
  }

  /// Overwrites octets of the packet with as many from memory.
  func replace(_ range: Range<Int>, from place: UnsafeRawPointer) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "write outside of the packet")
    unsafe (base + range.lowerBound).copyMemory(from: place, byteCount: range.count)
  }
}
