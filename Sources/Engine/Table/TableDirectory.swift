/// The fixed part of the forwarding table: what slots, ports and hosts are looked up in by their
/// number.
///
/// A view of mapped memory that outlives it.
///
/// Invariant: every word is written by one thread only and read atomically, so a reader sees the old
/// or the new value and never a mixture. What `publish` stores is released after the bucket array
/// that it names is complete.
@safe
struct TableDirectory {
  private let base: UnsafeMutableRawPointer

  /// The bucket arrays, each by the place, in octets, of the word that names it.
  enum Published: Int {
    /// What each packet is looked up in: rows, revoked prefixes, inside addresses.
    case rows = 0
    /// What ICMP errors and IKE need besides: peers of each host, declared outbound SPIs.
    case peers = 8
    /// SPIs that hosts claimed one by one.
    case claims = 16
  }

  // The layout, in octets; what is published comes first.
  private static let revokedLengthsOffset = 64
  private static let portsOffset = 128
  private static let slotsOffset = 256
  private static let hostsOffset = slotsOffset + 65_536 * 2
  static let byteCount = hostsOffset + 65_536 * 8

  init(base: UnsafeMutableRawPointer) {
    unsafe self.base = base
  }

  /// Where packets are looked up now.
  @inline(__always)
  var buckets: BucketArray { array(.rows) }

  /// Where peers and declared outbound SPIs are looked up now.
  var peers: BucketArray { array(.peers) }

  /// Where claimed SPIs are looked up now.
  @inline(__always)
  var claims: BucketArray { array(.claims) }

  /// Its address is a multiple of 4096 and the logarithm of its size stands in the low bits, so
  /// that one store publishes both.
  @inline(__always)
  private func array(_ published: Published) -> BucketArray {
    let word = unsafe base.acquire64(published.rawValue)
    // Never 0: the table publishes its first arrays before it hands out readers.
    let address = unsafe UnsafeMutableRawPointer(bitPattern: UInt(word & ~0xfff)) ?? base
    return unsafe BucketArray(base: address, bucketBits: word & 0xfff)
  }

  func publish(_ array: UnsafeMutableRawPointer, bucketBits: UInt64, as published: Published) {
    let address = UInt64(UInt(bitPattern: array))
    precondition(address & 0xfff == 0, "a mapping begins on a page")
    unsafe base.release64(published.rawValue, address | bucketBits)
  }

  /// Bit n: some revoked prefix has n bits.
  ///
  /// 0 to 32.
  @inline(__always)
  var revokedLengths: UInt64 { unsafe base.acquire64(Self.revokedLengthsOffset) }

  func setRevokedLengths(_ lengths: UInt64) {
    unsafe base.release64(Self.revokedLengthsOffset, lengths)
  }

  /// The host that holds the port, or 0.
  @inline(__always)
  func host(ofPort port: UInt16) -> UInt16 {
    unsafe base.acquire16(Self.portsOffset + Int(port >> 10) &* 2)
  }

  /// Gives the 1,024 ports around `port` to a host, or with 0 to nobody.
  func setHost(_ host: UInt16, ofPort port: UInt16) {
    unsafe base.release16(Self.portsOffset + Int(port >> 10) * 2, host)
  }

  /// The host that holds the slot, or 0.
  @inline(__always)
  func host(ofSlot slot: UInt16) -> UInt16 {
    unsafe base.acquire16(Self.slotsOffset + Int(slot) &* 2)
  }

  func setHost(_ host: UInt16, ofSlot slot: UInt16) {
    unsafe base.release16(Self.slotsOffset + Int(slot) * 2, host)
  }

  @inline(__always)
  func record(of host: UInt16) -> HostRecord {
    unsafe HostRecord(rawValue: base.acquire64(Self.hostsOffset + Int(host) &* 8))
  }

  func setRecord(_ record: HostRecord, of host: UInt16) {
    unsafe base.release64(Self.hostsOffset + Int(host) * 8, record.rawValue)
  }
}

/// What a packet's way to a host depends on, in one word.
struct HostRecord: Equatable {
  let rawValue: UInt64

  private static let known: UInt64 = 1 << 32
  private static let suspended: UInt64 = 1 << 33
  static let unknown = HostRecord(rawValue: 0)

  init(rawValue: UInt64) { self.rawValue = rawValue }

  init(insideAddress: UInt32, suspended: Bool) {
    rawValue = UInt64(insideAddress) | Self.known | (suspended ? Self.suspended : 0)
  }

  var insideAddress: UInt32 { UInt32(truncatingIfNeeded: rawValue) }
  var isKnown: Bool { rawValue & Self.known != 0 }
  /// Whether packets may go to and come from the host: known, and not suspended.
  var isActive: Bool { rawValue & (Self.known | Self.suspended) == Self.known }
}
