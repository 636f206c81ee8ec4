internal import CLinux
internal import Glibc

/// One queue of a TUN device: each read gives an IPv4 or IPv6 packet that the kernel routes to the
/// device, each write hands a packet to the kernel.
///
/// No header before the packet.
package final class TUNQueue: Sendable {
  private let descriptor: FileDescriptor

  /// The descriptor to read, write and watch.
  ///
  /// It does not block.
  package var rawValue: Int32 { descriptor.rawValue }

  /// Takes over a descriptor that behaves like a queue; tests pass one end of a socket pair.
  package init(owning descriptor: consuming FileDescriptor) {
    self.descriptor = descriptor
  }
}

/// TUN devices (Documentation/networking/tuntap.rst of the kernel).
package enum TUN {
  /// The longest device name, in octets.
  package static let longestName = 15

  /// Opens a TUN device, and makes it if it does not exist.
  ///
  /// A device that exists is used as it is, and is not changed. If it was made for one queue, one
  /// queue is returned, whatever was asked for. A device made here goes with its last queue.
  ///
  /// - Parameters:
  ///   - name: 1 to 15 octets.
  ///   - queues: how many queues to open; more than one spreads packets by their flow.
  /// - Returns: the queues, at least one.
  /// - Throws: `EBUSY` if another process holds the device, `EINVAL` if it is no TUN device.
  /// - Precondition: `queues` is 1 or more.
  package static func open(name: String, queues: Int) throws(SystemError) -> [TUNQueue] {
    precondition(queues >= 1, "a TUN device has at least one queue")
    guard (1...longestName).contains(name.utf8.count), !name.utf8.contains(UInt8(ascii: "%")) else {
      // A percent sign would have the kernel choose the name.
      throw SystemError(operation: "open TUN device", object: "'\(name)'", code: EINVAL)
    }
    // The kernel refuses with EINVAL a device made with the other setting.
    let opened = try tolerating(EINVAL) { () throws(SystemError) in
      try openAll(name, queues, multiQueue: queues > 1)
    }
    if let opened { return opened }
    return try openAll(name, 1, multiQueue: queues == 1)
  }

  /// Goes on with a queue that an earlier process opened; nil if it is none of this device.
  package static func adopt(_ kept: InheritedDescriptor, of name: String) -> TUNQueue? {
    let raw = kept.descriptor.rawValue
    var found = [CChar](repeating: 0, count: Int(IFNAMSIZ))
    guard unsafe cl_tun_get_name(raw, &found) == 0,
      found.prefix(while: { $0 != 0 }).map(UInt8.init(bitPattern:)) == Array(name.utf8),
      let queue = try? kept.descriptor.duplicate()
    else { return nil }
    return TUNQueue(owning: queue)
  }

  /// Has a device stay that programs open and close, and makes it if it does not exist.
  ///
  /// - Parameters:
  ///   - name: As in `open`.
  ///   - queues: How many queues are to be possible: one, or any number.
  ///   - owner: A user who may then open it without privileges.
  /// - Throws: As `open`.
  package static func keep(
    name: String, queues: Int, owner: UInt32?
  ) throws(SystemError) {
    let queue = try open(name: name, queues: queues)[0]
    // Closing it would end a device that is not kept yet.
    defer { withExtendedLifetime(queue) {} }
    if let owner {
      try systemCall("set owner of", name) { cl_tun_set_owner(queue.rawValue, owner) }
    }
    try systemCall("keep", name) { cl_tun_set_persistent(queue.rawValue, 1) }
  }

  private static func openAll(
    _ name: String, _ count: Int, multiQueue: Bool
  ) throws(SystemError) -> [TUNQueue] {
    var queues: [TUNQueue] = []
    for _ in 0..<count { queues.append(try attach(name, multiQueue: multiQueue)) }
    return queues
  }

  private static func attach(_ name: String, multiQueue: Bool) throws(SystemError) -> TUNQueue {
    let descriptor = try FileDescriptor.open("/dev/net/tun", O_RDWR | O_NONBLOCK)
    let raw = descriptor.rawValue
    let flags = IFF_TUN | IFF_NO_PI | (multiQueue ? IFF_MULTI_QUEUE : 0)
    try systemCall("open TUN device", name) { unsafe cl_tun_attach(raw, name, Int32(flags)) }
    return TUNQueue(owning: descriptor)
  }
}
