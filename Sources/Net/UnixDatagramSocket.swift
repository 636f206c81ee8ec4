internal import CLinux
internal import Glibc

/// Sends datagrams to Unix sockets, with copies of open files if wanted, and never waits.
package final class UnixDatagramSocket: Sendable {
  /// The most files that go with one datagram.
  package static let mostDescriptors = Int(cl_most_descriptors)

  private let descriptor: FileDescriptor

  /// Opens a socket without an address of its own.
  package init() throws(SystemError) {
    descriptor = try Socket.open(AF_UNIX, SOCK_DGRAM, 0, what: "Unix socket")
  }

  /// Sends one datagram.
  ///
  /// - Parameters:
  ///   - octets: The datagram.
  ///   - path: A socket file's path, or `@` and an abstract name.
  ///   - descriptors: Files that the receiver gets descriptors of; they stay open here.
  /// - Throws: `EAGAIN` if the receiver's queue is full, `ECONNREFUSED` or `ENOENT` if there is no
  ///   receiver, `EINVAL` for more descriptors than `mostDescriptors`.
  package func send(
    _ octets: [UInt8], to path: String, descriptors: [Int32] = []
  ) throws(SystemError) {
    let raw = descriptor.rawValue
    while true {
      let sent: (count: Int, code: Int32) = unsafe try withUnixAddress("send to", path) {
        let count = unsafe cl_send_descriptors(
          raw, $0, $1, octets, octets.count, descriptors, descriptors.count)
        return (count, errno)
      }
      if sent.count >= 0 { return }
      if sent.code != EINTR {
        throw SystemError(operation: "send to", object: path, code: sent.code)
      }
    }
  }
}
