internal import CLinux
internal import Glibc

/// A connection to rtnetlink, or to another part of netlink, for a request and its answer, in this thread's network namespace.
struct NetlinkSocket: ~Copyable {
  /// No message of a dump is longer: the kernel fills at most 32 KiB at a time.
  private static let longestMessage = 65_536

  private let descriptor: FileDescriptor
  private var sequence: UInt32 = 0

  init(_ part: Int32 = NETLINK_ROUTE) throws(SystemError) {
    descriptor = FileDescriptor(
      owning: try systemCall("open", "netlink socket") {
        socket(AF_NETLINK, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), part)
      })
  }

  /// Sends a request and waits for the whole answer, which the kernel always gives at once.
  ///
  /// - Throws: the kernel's error, as `operation` on `object`.
  mutating func exchange(
    _ request: NetlinkRequest, _ operation: String, _ object: String
  ) throws(SystemError) -> [NetlinkReply] {
    sequence += 1
    let bytes = request.encoded(sequence: sequence)
    let raw = descriptor.rawValue
    try systemCall(operation, object) { unsafe send(raw, bytes, bytes.count, 0) }
    var answer: [NetlinkReply] = []
    while true {
      for reply in NetlinkReply.split(try receive(operation, object))
      where reply.sequence == sequence {
        switch Int32(reply.type) {
        case NLMSG_ERROR, NLMSG_DONE:
          try Self.check(reply, operation, object)
          return answer
        default:
          answer.append(reply)
        }
      }
    }
  }

  private func receive(
    _ operation: String, _ object: String
  ) throws(SystemError) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: Self.longestMessage)
    let raw = descriptor.rawValue
    let count = try systemCall(operation, object) {
      unsafe recv(raw, &buffer, Self.longestMessage, 0)
    }
    return Array(buffer[..<count])
  }

  /// What ends an answer begins with 0 or a negative error number, also at the end of a list.
  private static func check(
    _ reply: NetlinkReply, _ operation: String, _ object: String
  ) throws(SystemError) {
    let code: Int32 = reply.payload.native(at: 0) ?? -EBADMSG
    try checkNumber(operation, object, -code)
  }
}
