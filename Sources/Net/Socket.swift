internal import CLinux
internal import Glibc
internal import PAP

/// Calls that all IPv4 sockets of this target share.
enum Socket {
  /// Opens a socket that does not block and is closed on exec.
  static func open(
    _ family: Int32, _ kind: __socket_type, _ protocolNumber: Int32, what: String
  ) throws(SystemError) -> FileDescriptor {
    let type =
      Int32(bitPattern: kind.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
      | Int32(SOCK_NONBLOCK.rawValue)
    return FileDescriptor(
      owning: try systemCall("open", what) { socket(family, type, protocolNumber) })
  }

  /// Sets an option whose value is a number.
  static func set(
    _ descriptor: Int32, level: Int32, option: Int32, to value: Int32, what: String
  ) throws(SystemError) {
    try systemCall("set option of", what) {
      unsafe withUnsafeBytes(of: value) {
        unsafe setsockopt(descriptor, level, option, $0.baseAddress, socklen_t($0.count))
      }
    }
  }

  /// Asks for a receive buffer of `octets`, beyond the system's limit if this process may.
  static func enlargeReceiveBuffer(_ descriptor: Int32, to octets: Int32) {
    // A smaller buffer loses packets sooner and nothing else, so failure is no error.
    do throws(SystemError) {
      try set(descriptor, level: SOL_SOCKET, option: SO_RCVBUFFORCE, to: octets, what: "socket")
    } catch {
      try? set(descriptor, level: SOL_SOCKET, option: SO_RCVBUF, to: octets, what: "socket")
    }
  }

  /// Receives one datagram into `buffer`: its length and where it came from, or nil if none waits.
  ///
  /// A datagram longer than the buffer is cut.
  static func receive(
    _ descriptor: Int32, into buffer: inout [UInt8], what: String
  ) throws(SystemError) -> (count: Int, source: Endpoint)? {
    var source = sockaddr_in()
    let capacity = buffer.count
    let count = try systemCallUnlessBlocking("receive from", what) {
      unsafe withUnsafeMutableBytes(of: &source) { address in
        var length = socklen_t(address.count)
        return unsafe recvfrom(
          descriptor, &buffer, capacity, 0,
          address.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
      }
    }
    guard let count else { return nil }
    return (count, Endpoint(source))
  }

  /// Sends one datagram.
  ///
  /// Returns false if the kernel had no room for it: it is lost.
  static func send(
    _ descriptor: Int32, _ bytes: [UInt8], to destination: Endpoint
  ) throws(SystemError) -> Bool {
    do throws(SystemError) {
      let count = try systemCallUnlessBlocking("send to", "\(destination)") {
        unsafe destination.withSocketAddress { address, length in
          unsafe sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), address, length)
        }
      }
      return count != nil
    } catch {
      if error.code == ENOBUFS { return false }
      throw error
    }
  }
}
