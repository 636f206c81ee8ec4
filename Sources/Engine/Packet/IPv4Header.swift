/// An IPv4 packet without options, seen in place.
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-------+-------+---------------+-------------------------------+
///     |Version|  IHL  |Type of Service|          Total Length         |   0
///     +-------+-------+---------------+-----+-------------------------+
///     |         Identification        |Flags|      Fragment Offset    |   4
///     +---------------+---------------+-----+-------------------------+
///     |  Time to Live |    Protocol   |         Header Checksum       |   8
///     +---------------+---------------+-------------------------------+
///     |                       Source Address                          |  12
///     +---------------------------------------------------------------+
///     |                    Destination Address                        |  16
///     +---------------------------------------------------------------+
///
/// RFC 791, section 3.1. The header checksum is not verified here: the kernel did so before it routed
/// a packet to the TUN device. For a header within a tunnel nobody has: see `isChecksumRight`.
struct IPv4Header {
  /// Octets of a header without options.
  static let length = 20
  /// What every link takes in one piece (RFC 791, section 3.2).
  static let leastMTU = 68

  private enum Offset {
    static let versionAndLength = 0
    static let typeOfService = 1
    static let totalLength = 2
    static let identification = 4
    static let flagsAndFragmentOffset = 6
    static let timeToLive = 8
    static let protocolNumber = 9
    static let checksum = 10
    static let source = 12
    static let destination = 16
  }

  /// The flag "don't fragment", in the word of flags and fragment offset.
  static let dontFragment: UInt16 = 0x4000
  private static let reservedFlag: UInt16 = 0x8000
  private static let moreFragments: UInt16 = 0x2000
  private static let fragmentOffsetBits: UInt16 = 0x1fff
  // Either means a fragment.
  private static let fragmentBits = moreFragments | fragmentOffsetBits

  /// The packet, cut to its total length.
  let bytes: PacketBytes
  /// Whether octets of the packet are not there: it is quoted in part.
  private let isTruncated: Bool

  /// Checks all lengths; after that no accessor can fail.
  ///
  /// - Throws: `unsupportedProtocol` for IPv6, which the kernel sends into each new TUN device;
  ///   `ipOptions` if there are options, source routes among them; `malformed` for another version,
  ///   and lengths that contradict each other or what was received.
  @inline(__always)
  init(_ received: PacketBytes) throws(DropReason) {
    guard received.count >= 1 else { throw .malformed }
    let versionAndLength = received.octet(at: Offset.versionAndLength)
    guard versionAndLength == 0x45, received.count >= Self.length else {
      throw Self.fault(of: received, versionAndLength)
    }
    let total = Int(received.word16(at: Offset.totalLength))
    guard total >= Self.length, total <= received.count else { throw .malformed }
    // What comes after the total length is no part of the packet.
    bytes = received.prefix(total)
    isTruncated = false
  }

  /// Reads the packet that an error quotes, perhaps in part; nil if its header is not one of
  /// version 4 without options, or not there.
  init?(quoted received: PacketBytes) {
    guard received.count >= Self.length, received.octet(at: Offset.versionAndLength) == 0x45 else {
      return nil
    }
    let total = Int(received.word16(at: Offset.totalLength))
    guard total >= Self.length else { return nil }
    bytes = received.prefix(min(total, received.count))
    isTruncated = total > received.count
  }

  /// Why a packet does not begin with version 4 and five words of header.
  private static func fault(of received: PacketBytes, _ versionAndLength: UInt8) -> DropReason {
    if versionAndLength >> 4 == 6 { return .unsupportedProtocol }
    let header = Int(versionAndLength & 0xf) * 4
    guard versionAndLength >> 4 == 4, header > length, received.count >= length else {
      return .malformed
    }
    let total = Int(received.word16(at: Offset.totalLength))
    return header <= total && total <= received.count ? .ipOptions : .malformed
  }

  /// The addresses of a packet that may have faults elsewhere; nil if it has none, or is not IPv4.
  static func addresses(of received: PacketBytes) -> (source: UInt32, destination: UInt32)? {
    guard received.count >= length, received.octet(at: Offset.versionAndLength) >> 4 == 4 else {
      return nil
    }
    return (received.word32(at: Offset.source), received.word32(at: Offset.destination))
  }

  /// Whether the header's checksum is what it should be (RFC 1812, section 5.2.2).
  @inline(__always)
  var isChecksumRight: Bool {
    var checksum = InternetChecksum()
    for offset in stride(from: 0, to: Self.length, by: 4) { checksum.add(bytes.word32(at: offset)) }
    return checksum.value == 0
  }

  /// Octets of the packet as its header says, this header included.
  var statedLength: Int { Int(bytes.word16(at: Offset.totalLength)) }
  /// Whether there is more of the packet elsewhere: the first fragment, or a quote.
  var isCut: Bool { isTruncated || isFragment }
  /// Octets of the packet, this header included.
  var totalLength: Int { bytes.count }
  /// What follows the header.
  var payload: PacketBytes { bytes.dropFirst(Self.length) }
  /// DSCP in the upper six bits, ECN in the lower two (RFC 2474, RFC 3168).
  var typeOfService: UInt8 { bytes.octet(at: Offset.typeOfService) }
  var timeToLive: UInt8 { bytes.octet(at: Offset.timeToLive) }
  var protocolNumber: UInt8 { bytes.octet(at: Offset.protocolNumber) }
  var source: UInt32 { bytes.word32(at: Offset.source) }
  var destination: UInt32 { bytes.word32(at: Offset.destination) }
  /// Whether a fragment, the first included.
  var isFragment: Bool { flagsAndFragmentOffset & Self.fragmentBits != 0 }
  /// Whether a fragment other than the first.
  var isLaterFragment: Bool { flagsAndFragmentOffset & Self.fragmentOffsetBits != 0 }
  /// Whether a fragment other than the last.
  var hasMoreFragments: Bool { flagsAndFragmentOffset & Self.moreFragments != 0 }
  /// Where a fragment belongs in its packet, in units of 8 octets.
  var fragmentOffset: Int { Int(flagsAndFragmentOffset & Self.fragmentOffsetBits) }
  var identification: UInt16 { bytes.word16(at: Offset.identification) }
  /// Whether routers may not fragment it.
  var forbidsFragments: Bool { flagsAndFragmentOffset & Self.dontFragment != 0 }

  private var flagsAndFragmentOffset: UInt16 { bytes.word16(at: Offset.flagsAndFragmentOffset) }
}

// MARK: - Changing in place

extension IPv4Header {
  /// Takes 1 from the time to live.
  ///
  /// - Precondition: it is not 0.
  @inline(__always)
  func decrementTimeToLive() {
    let old = bytes.word16(at: Offset.timeToLive)
    update(Offset.timeToLive, from: old, to: old &- 0x0100)
  }

  /// Replaces the two bits of ECN.
  func setECN(_ ecn: ECN) {
    let old = bytes.word16(at: Offset.versionAndLength)
    update(Offset.versionAndLength, from: old, to: old & ~3 | UInt16(ecn.rawValue))
  }

  /// Makes a fragment of the packet: its first `payloadLength` octets, with more to come.
  ///
  /// - Precondition: the length is a multiple of 8.
  func becomeFragment(payloadLength: Int) {
    let flags = flagsAndFragmentOffset
    let length = UInt16(truncatingIfNeeded: Self.length &+ payloadLength)
    update(Offset.totalLength, from: bytes.word16(at: Offset.totalLength), to: length)
    update(Offset.flagsAndFragmentOffset, from: flags, to: flags | Self.moreFragments)
  }

  @inline(__always)
  private func update(_ offset: Int, from old: UInt16, to new: UInt16) {
    let checksum = bytes.word16(at: Offset.checksum)
    bytes.set(new, at: offset)
    bytes.set(InternetChecksum.updated(checksum, from: old, to: new), at: Offset.checksum)
  }
}

// MARK: - Writing

extension IPv4Header {
  /// What a header is made of; the checksum follows from it.
  struct Fields {
    var typeOfService: UInt8 = 0
    /// Octets of the packet, the header included, at most 65,535.
    var totalLength: Int
    var identification: UInt16
    var dontFragment = false
    var timeToLive: UInt8 = 64
    var protocolNumber: UInt8
    var source: UInt32
    var destination: UInt32
  }

  /// Writes the header of the fragment that follows this one.
  ///
  /// All but length, offset and flags is as here; the checksum is updated, so a wrong one stays
  /// wrong.
  func writeNext(
    payloadLength: Int, hasMoreFragments: Bool, to buffer: PacketBytes, at offset: Int
  ) {
    let oldFlags = flagsAndFragmentOffset
    let start = fragmentOffset &+ payload.count / FragmentRange.unit
    let flags =
      oldFlags & Self.reservedFlag | (hasMoreFragments ? Self.moreFragments : 0)
      | UInt16(truncatingIfNeeded: start) & Self.fragmentOffsetBits
    let length = UInt16(truncatingIfNeeded: Self.length &+ payloadLength)
    var checksum = InternetChecksum.updated(
      bytes.word16(at: Offset.checksum), from: bytes.word16(at: Offset.totalLength), to: length)
    checksum = InternetChecksum.updated(checksum, from: oldFlags, to: flags)
    for word in stride(from: 0, to: Self.length, by: 4) {
      buffer.set(bytes.word32(at: word), at: offset &+ word)
    }
    buffer.set(length, at: offset &+ Offset.totalLength)
    buffer.set(flags, at: offset &+ Offset.flagsAndFragmentOffset)
    buffer.set(checksum, at: offset &+ Offset.checksum)
  }

  /// Writes a header of 20 octets, which may lie in the headroom.
  @inline(__always)
  static func write(_ fields: Fields, to bytes: PacketBytes, at offset: Int) {
    let length = UInt32(UInt16(truncatingIfNeeded: fields.totalLength))
    let words: (UInt32, UInt32, UInt32) = (
      0x4500_0000 | UInt32(fields.typeOfService) << 16 | length,
      UInt32(fields.identification) << 16 | (fields.dontFragment ? UInt32(dontFragment) : 0),
      UInt32(fields.timeToLive) << 24 | UInt32(fields.protocolNumber) << 16
    )
    var checksum = InternetChecksum()
    checksum.add(words.0)
    checksum.add(words.1)
    checksum.add(words.2)
    checksum.add(fields.source)
    checksum.add(fields.destination)
    bytes.set(words.0, at: offset &+ Offset.versionAndLength)
    bytes.set(words.1, at: offset &+ Offset.identification)
    bytes.set(words.2 | UInt32(checksum.value), at: offset &+ Offset.timeToLive)
    bytes.set(fields.source, at: offset &+ Offset.source)
    bytes.set(fields.destination, at: offset &+ Offset.destination)
  }
}
