internal import CLinux
internal import Glibc

/// A request to rtnetlink: header (`nlmsghdr`), a fixed body that depends on the type, attributes
/// (`rtattr`).
///
/// All numbers are in the machine's byte order, addresses in the network's.
struct NetlinkRequest: Sendable {
  /// The size of `nlmsghdr`: length 32 bits, type 16, flags 16, sequence 32, port 32.
  static let headerSize = 16

  let type: UInt16
  let flags: UInt16
  /// The fixed body, then the attributes.
  private(set) var body: [UInt8]

  /// A request; `flags` are those beyond NLM_F_REQUEST.
  init(_ type: Int, flags: Int32, body: [UInt8]) {
    self.type = UInt16(truncatingIfNeeded: type)
    self.flags = UInt16(truncatingIfNeeded: NLM_F_REQUEST | flags)
    self.body = body
  }

  /// Appends an attribute.
  mutating func add(_ type: Int, _ value: [UInt8]) {
    body.append(netlinkAttribute: type, value)
  }

  /// The octets to send.
  func encoded(sequence: UInt32) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(native: UInt32(Self.headerSize + body.count))
    bytes.append(native: type)
    bytes.append(native: flags)
    bytes.append(native: sequence)
    bytes.append(native: UInt32(0))
    return bytes + body
  }
}

/// One message from netlink.
struct NetlinkReply: Sendable {
  let type: UInt16
  let flags: UInt16
  let sequence: UInt32
  /// What follows the header.
  let payload: [UInt8]

  /// Splits what one `recv` gave into messages; what does not fit the rules ends the list.
  static func split(_ bytes: [UInt8]) -> [NetlinkReply] {
    var replies: [NetlinkReply] = []
    var rest = bytes[...]
    while let length: UInt32 = rest.native(at: 0), let type: UInt16 = rest.native(at: 4),
      let flags: UInt16 = rest.native(at: 6), let sequence: UInt32 = rest.native(at: 8),
      length >= NetlinkRequest.headerSize, length <= rest.count
    {
      let payload = rest.prefix(Int(length)).dropFirst(NetlinkRequest.headerSize)
      replies.append(
        NetlinkReply(type: type, flags: flags, sequence: sequence, payload: Array(payload)))
      rest = rest.dropFirst(netlinkAligned(Int(length)))
    }
    return replies
  }

  /// The attributes after a fixed body of `bodySize` octets.
  func attributes(after bodySize: Int) -> [Int: [UInt8]] {
    Self.attributes(payload.dropFirst(bodySize))
  }

  /// Reads a list of attributes.
  ///
  /// The last of one type counts.
  static func attributes(_ bytes: ArraySlice<UInt8>) -> [Int: [UInt8]] {
    var attributes: [Int: [UInt8]] = [:]
    var rest = bytes
    while let length: UInt16 = rest.native(at: 0), let type: UInt16 = rest.native(at: 2),
      length >= 4, length <= rest.count
    {
      // The two top bits are flags: nested, network byte order.
      attributes[Int(type & 0x3fff)] = Array(rest.prefix(Int(length)).dropFirst(4))
      rest = rest.dropFirst(netlinkAligned(Int(length)))
    }
    return attributes
  }
}

/// Messages and attributes start at multiples of 4.
private func netlinkAligned(_ length: Int) -> Int {
  (length + 3) & ~3
}

extension [UInt8] {
  /// Appends a number in the machine's byte order.
  mutating func append(native value: some FixedWidthInteger) {
    unsafe Swift.withUnsafeBytes(of: value) { unsafe append(contentsOf: $0) }
  }

  /// Appends an attribute, filled up to a multiple of 4.
  mutating func append(netlinkAttribute type: Int, _ value: [UInt8]) {
    append(native: UInt16(4 + value.count))
    append(native: UInt16(truncatingIfNeeded: type))
    append(contentsOf: value)
    append(contentsOf: repeatElement(0, count: netlinkAligned(value.count) - value.count))
  }

  /// The octets of a number in the machine's byte order.
  static func native(_ value: some FixedWidthInteger) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(native: value)
    return bytes
  }

  /// A text as netlink attributes hold it, with a zero octet at its end.
  static func text(_ value: String) -> [UInt8] { value.utf8 + [0] }
}

extension Collection<UInt8> {
  /// The number in the machine's byte order that begins `offset` octets into this, or nil if it is
  /// not all there.
  func native<Number: FixedWidthInteger>(at offset: Int) -> Number? {
    let octets = dropFirst(offset).prefix(MemoryLayout<Number>.size)
    guard octets.count == MemoryLayout<Number>.size else { return nil }
    var value = Number.zero
    unsafe Swift.withUnsafeMutableBytes(of: &value) { unsafe $0.copyBytes(from: octets) }
    return value
  }
}
