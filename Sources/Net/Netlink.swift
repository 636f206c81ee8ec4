internal import CLinux
internal import Glibc
internal import PAP

/// Interfaces, addresses, routes and neighbours of this thread's network namespace (rtnetlink).
///
/// Changes need CAP_NET_ADMIN. Errors carry the kernel's number: `ENODEV` for an interface that does
/// not exist, `EPERM` without the capability.
package enum Netlink {
  /// Sends one request and returns its answer.
  @discardableResult
  static func request(
    _ request: NetlinkRequest, _ operation: String, _ object: String
  ) throws(SystemError) -> [NetlinkReply] {
    var socket = try NetlinkSocket()
    return try socket.exchange(request, operation, object)
  }

  /// An address as attributes hold it: network byte order.
  static func octets(of address: IPv4Address) -> [UInt8] {
    .native(address.rawValue.bigEndian)
  }

  /// The address in an attribute.
  static func address(_ octets: [UInt8]?) -> IPv4Address? {
    guard let number: UInt32 = octets?.native(at: 0) else { return nil }
    return IPv4Address(rawValue: UInt32(bigEndian: number))
  }
}
