internal import CLinux
internal import Glibc

/// A connection over a Unix socket, which never blocks.
///
/// Used on one thread.
package final class UnixStream {
  private let descriptor: FileDescriptor

  /// The descriptor to watch.
  package var rawValue: Int32 { descriptor.rawValue }

  /// Connects to the program that listens at `path`.
  ///
  /// - Throws: `ENOENT` or `ECONNREFUSED` if nobody listens, `EACCES` if this user may not, `EAGAIN`
  ///   if the other side is too busy to accept.
  package init(connectingTo path: String) throws(SystemError) {
    descriptor = try Socket.open(AF_UNIX, SOCK_STREAM, 0, what: "Unix socket")
    let raw = descriptor.rawValue
    let result: (value: Int32, code: Int32) = unsafe try withUnixAddress("connect to", path) {
      (unsafe connect(raw, $0, $1), errno)
    }
    // Not repeated: connecting to a Unix socket either succeeds or fails at once.
    guard result.value == 0 else {
      throw SystemError(operation: "connect to", object: path, code: result.code)
    }
  }

  /// Takes over a connected socket.
  init(owning descriptor: consuming FileDescriptor) {
    self.descriptor = descriptor
  }

  /// Two sockets connected to each other (`socketpair`).
  package static func pair() throws(SystemError) -> (UnixStream, UnixStream) {
    var ends: [Int32] = [-1, -1]
    let type = Int32(SOCK_STREAM.rawValue | UInt32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue))
    try systemCall("make", "socket pair") { unsafe socketpair(AF_UNIX, type, 0, &ends) }
    return (
      UnixStream(owning: FileDescriptor(owning: ends[0])),
      UnixStream(owning: FileDescriptor(owning: ends[1]))
    )
  }

  /// Reads at most `count` octets: nil if there is nothing yet, empty if the other side has ended.
  package func read(upTo count: Int = 65_536) throws(SystemError) -> [UInt8]? {
    try descriptor.read(upTo: count)
  }

  /// Writes octets and returns how many the kernel took, or nil if it could take none now.
  ///
  /// - Throws: `EPIPE` if the other side has gone. Never raises SIGPIPE.
  package func write(_ bytes: some Sequence<UInt8>) throws(SystemError) -> Int? {
    let octets = ContiguousArray(bytes)
    let raw = rawValue
    return try systemCallUnlessBlocking("write to", "socket") {
      unsafe octets.withUnsafeBytes {
        unsafe send(raw, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
    }
  }

  /// Tells the other side that nothing more will be written.
  package func finishWriting() throws(SystemError) {
    let raw = rawValue
    try systemCall("finish writing to", "socket") { shutdown(raw, Int32(SHUT_WR)) }
  }

  /// Who is on the other side, as the kernel saw it when the connection was made.
  package func peer() throws(SystemError) -> PeerCredentials {
    var credentials = cl_credentials()
    let raw = rawValue
    try systemCall("read peer of", "socket") {
      unsafe withUnsafeMutableBytes(of: &credentials) {
        var length = socklen_t($0.count)
        return unsafe getsockopt(raw, SOL_SOCKET, SO_PEERCRED, $0.baseAddress, &length)
      }
    }
    return PeerCredentials(
      userID: credentials.uid, groupID: credentials.gid, processID: credentials.pid)
  }
}

/// Who is on the other side of a Unix socket.
package struct PeerCredentials: Hashable, Sendable {
  /// The effective user.
  package let userID: UInt32
  /// The effective group.
  package let groupID: UInt32
  /// The process, which may have ended and its number be another's by now: for logs only.
  package let processID: Int32

  /// The user that the process's session belongs to since it was logged in (proc(5), `loginuid`); nil
  /// where none is set, as for services and in many containers.
  ///
  /// For logs only, as `processID` is.
  package var loginUserID: UInt32? {
    let text = (try? File.readText("/proc/\(processID)/loginuid", limit: 64)) ?? ""
    let number = text.split(separator: "\n").first.flatMap { UInt32($0) }
    return number == .max ? nil : number
  }

  /// The groups of the process, and those that the account databases give the user.
  package func groups() -> Set<UInt32> {
    Accounts.groups(of: userID).union([groupID])
  }
}
