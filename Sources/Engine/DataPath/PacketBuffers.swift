/// The buffers that one worker reads packets into, each with headroom before it and room for the
/// largest packet there is, so that none is ever cut.
///
/// Invariant: `read(index)` and `packet(index, count)` stay within buffer `index` of the mapping,
/// since `index` is below `count` and no packet is longer than `greatestPacket`; both are checked.
/// One thread uses it.
@safe
struct PacketBuffers: ~Copyable {
  private let memory: MappedMemory
  let count: Int

  static let greatestPacket = 65_535
  // A multiple of the page would put all headers on the same few lines of the first cache.
  private static let stride = 65_536 + 4096 + 192

  init(count: Int) {
    self.count = count
    memory = MappedMemory(byteCount: count * Self.stride)
  }

  /// Where a packet is to be read to; `greatestPacket` octets.
  @inline(__always)
  func place(_ index: Int) -> UnsafeMutableRawPointer {
    precondition(index >= 0 && index < count, "no such buffer")
    return unsafe memory.base + (index &* Self.stride &+ PacketBytes.headroomOfBuffers)
  }

  /// The packet of `length` octets that was read there.
  @inline(__always)
  func packet(_ index: Int, length: Int) -> PacketBytes {
    precondition(length >= 0 && length <= Self.greatestPacket, "longer than any packet")
    return unsafe PacketBytes(
      base: place(index), count: length, headroom: PacketBytes.headroomOfBuffers)
  }
}
