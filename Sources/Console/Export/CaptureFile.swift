internal import Engine
internal import Net

/// Dropped packets as a capture file that Wireshark reads: pcapng
/// (draft-ietf-opsawg-pcapng), little-endian.
///
/// One interface for each direction. A packet has its headers only, its true length, and in its
/// comment the reason for which it was dropped.
enum CaptureFile {
  /// The kinds of blocks (section 4), and of their options (section 3.5).
  private enum Block {
    static let section: UInt32 = 0x0a0d_0d0a
    static let interface: UInt32 = 1
    static let packet: UInt32 = 6
  }
  private enum Option {
    static let end: UInt16 = 0
    static let comment: UInt16 = 1
    static let interfaceName: UInt16 = 2
    static let program: UInt16 = 4
    static let timeResolution: UInt16 = 9
    static let packetFlags: UInt16 = 2
  }

  private static let byteOrderMagic: UInt32 = 0x1a2b_3c4d
  /// The section's length is not said (section 4.1).
  private static let unknownLength = UInt64.max
  /// Packets begin with their IP header (LINKTYPE_RAW).
  private static let linkType: UInt16 = 101
  /// Times are in thousandths of seconds: the negative power of ten.
  private static let milliseconds: UInt8 = 3

  /// Octets of a comment.
  private static let longestComment = 1_000

  /// The whole file.
  ///
  /// Rows of whose packet nothing was kept are left out.
  static func octets(of rows: [DropSampleRow]) -> [UInt8] {
    var file = section
    for direction in [Direction.inbound, .outbound] { file += interface(direction) }
    for row in rows where !row.octets.isEmpty { file += packet(row) }
    return file
  }

  private static var section: [UInt8] {
    block(
      Block.section,
      octets(byteOrderMagic) + octets(UInt16(1)) + octets(UInt16(0)) + octets(unknownLength)
        + options([(Option.program, Array("dnat-console".utf8))]))
  }

  private static func interface(_ direction: Direction) -> [UInt8] {
    block(
      Block.interface,
      octets(linkType) + octets(UInt16(0)) + octets(UInt32(PacketHead.capacity))
        + options([
          (Option.interfaceName, Array(direction.name.utf8)),
          (Option.timeResolution, [milliseconds]),
        ]))
  }

  private static func packet(_ sample: DropSampleRow) -> [UInt8] {
    let row = sample.row
    let isOutbound = row.direction == Direction.outbound.name
    let time = UInt64(max(0, Timestamp.milliseconds(row.time) ?? 0))
    let kept = sample.octets
    let length = UInt32(clamping: max(row.length ?? 0, kept.count))
    let head =
      octets(UInt32(isOutbound ? 1 : 0)) + octets(UInt32(truncatingIfNeeded: time >> 32))
      + octets(UInt32(truncatingIfNeeded: time)) + octets(UInt32(kept.count)) + octets(length)
    return block(
      Block.packet,
      head + padded(kept)
        + options([
          (Option.comment, Array(comment(row).utf8.prefix(longestComment))),
          (Option.packetFlags, octets(UInt32(isOutbound ? 2 : 1))),
        ]))
  }

  /// The reason, what host it concerns, and how many packets the row stands for.
  private static func comment(_ row: DropRow) -> String {
    let parts = [
      row.reason, row.host.map { "host \($0)" }, row.count > 1 ? "\(row.count) alike" : nil,
    ]
    return parts.compactMap { $0 }.joined(separator: ", ")
  }

  private static func block(_ kind: UInt32, _ body: [UInt8]) -> [UInt8] {
    // Kind and length before, the length once more behind (section 3.1).
    let length = octets(UInt32(body.count + 12))
    return octets(kind) + length + body + length
  }

  private static func options(_ all: [(kind: UInt16, value: [UInt8])]) -> [UInt8] {
    all.flatMap { octets($0.kind) + octets(UInt16($0.value.count)) + padded($0.value) }
      + octets(Option.end) + octets(UInt16(0))
  }

  private static func padded(_ value: [UInt8]) -> [UInt8] {
    value + Array(repeating: 0, count: (4 - value.count % 4) % 4)
  }

  private static func octets(_ value: some FixedWidthInteger) -> [UInt8] {
    (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }
}
