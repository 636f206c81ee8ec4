internal import CLinux
internal import Glibc

/// The kernel's word on its security associations (netlink's XFRM part), in this thread's network
/// namespace.
///
/// Never blocks. Used on one thread. Needs CAP_NET_ADMIN.
package final class XFRMSocket {
  /// No message is longer: the kernel fills at most 32 KiB at a time.
  private static let longestMessage = 65_536
  /// Octets that the kernel may hold for us: some thousand events.
  private static let receiveBuffer: Int32 = 4 << 20
  /// How often a list that the kernel could not hold still for is asked for again.
  private static let dumpAttempts = 5

  private let descriptor: FileDescriptor
  private var buffer = [UInt8](repeating: 0, count: longestMessage)

  /// The descriptor to watch.
  package var rawValue: Int32 { descriptor.rawValue }

  /// Begins to listen.
  ///
  /// - Throws: `EPROTONOSUPPORT` if the kernel has no such interface, `EPERM` without the capability.
  package init() throws(SystemError) {
    descriptor = try Socket.open(AF_NETLINK, SOCK_RAW, NETLINK_XFRM, what: "XFRM socket")
    Socket.enlargeReceiveBuffer(descriptor.rawValue, to: Self.receiveBuffer)
    var address = sockaddr_nl()
    address.nl_family = sa_family_t(AF_NETLINK)
    address.nl_groups =
      1 << (XFRMNLGRP_SA.rawValue - 1) | 1 << (XFRMNLGRP_EXPIRE.rawValue - 1)
    let raw = descriptor.rawValue
    let length = socklen_t(MemoryLayout<sockaddr_nl>.size)
    try systemCall("listen on", "XFRM socket") {
      unsafe withUnsafeBytes(of: &address) {
        unsafe bind(raw, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, length)
      }
    }
  }

  /// The next events, or nil if none wait.
  ///
  /// Empty where something came that is no event of an association.
  package func receive() throws(SystemError) -> [KernelSAEvent]? {
    do throws(SystemError) {
      let raw = descriptor.rawValue
      var sender = sockaddr_nl()
      var length = socklen_t(MemoryLayout<sockaddr_nl>.size)
      let got = try systemCallUnlessBlocking("read from", "XFRM socket") {
        unsafe withUnsafeMutableBytes(of: &sender) { sender in
          unsafe recvfrom(
            raw, &buffer, Self.longestMessage, 0,
            sender.assumingMemoryBound(to: sockaddr.self).baseAddress, &length)
        }
      }
      guard let count = got else { return nil }
      // Another process may send here too; the kernel has the number 0.
      guard sender.nl_pid == 0 else { return [] }
      return Self.events(Array(buffer[..<count]))
    } catch {
      guard error.code == ENOBUFS else { throw error }
      return [.lost]
    }
  }

  /// What the kernel's octets say.
  static func events(_ bytes: [UInt8]) -> [KernelSAEvent] {
    NetlinkReply.split(bytes).compactMap(KernelSAEvent.init)
  }

  /// All security associations with keys.
  ///
  /// - Throws: `EBUSY` if they change too fast for a list that holds together.
  package static func dump() throws(SystemError) -> [KernelSA] {
    // An `xfrm_usersa_id` of 0: every association.
    let request = NetlinkRequest(
      XFRM_MSG_GETSA, flags: NLM_F_DUMP, body: Array(repeating: 0, count: 24))
    for _ in 0..<dumpAttempts {
      var socket = try NetlinkSocket(NETLINK_XFRM)
      let replies = try socket.exchange(request, "list", "security associations")
      if replies.contains(where: { Int32($0.flags) & NLM_F_DUMP_INTR != 0 }) { continue }
      return replies.compactMap { KernelSA(payload: $0.payload) }
    }
    throw SystemError(operation: "list", object: "security associations", code: EBUSY)
  }
}
