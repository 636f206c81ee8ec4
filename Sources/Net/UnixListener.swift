internal import CLinux
internal import Glibc

/// A Unix socket that accepts connections, which never blocks.
///
/// Used on one thread.
///
/// The socket file goes with this value, unless another program has put its own in its place.
package final class UnixListener {
  private let descriptor: FileDescriptor
  private let identity: FileStatus?

  /// The file's path.
  package let path: String

  /// The descriptor to watch.
  package var rawValue: Int32 { descriptor.rawValue }

  /// Makes the socket file and listens.
  ///
  /// A socket file that is there already is replaced, but only if nobody answers at it.
  ///
  /// - Parameters:
  ///   - path: the file's, of 107 octets at most.
  ///   - mode: the file's permissions: who may connect is who may write.
  ///   - group: the file's group; nil is this process's.
  /// - Throws: `EADDRINUSE` if another program listens there, or the file is not a socket.
  package init(
    path: String, mode: UInt32 = 0o660, group: UInt32? = nil
  ) throws(SystemError) {
    self.path = path
    descriptor = try Socket.open(AF_UNIX, SOCK_STREAM, 0, what: "Unix socket")
    let raw = descriptor.rawValue
    // The file takes the socket's mode when it is made: nobody else gets in before the group is set.
    try systemCall("set mode of", path) { fchmod(raw, mode & 0o700) }
    let isBound: Void? = try tolerating(EADDRINUSE) { () throws(SystemError) in
      try Self.bindFile(raw, path)
    }
    if isBound == nil { try Self.replaceStale(raw, path) }
    // From here on an error removes the file.
    identity = try? File.status(path)
    if let group {
      try systemCall("set group of", path) { unsafe lchown(path, uid_t.max, group) }
    }
    try systemCall("set mode of", path) { unsafe chmod(path, mode) }
  }

  deinit {
    if let identity, identity.isSameFile(as: try? File.status(path)) { _ = unsafe unlink(path) }
  }

  /// The next connection, or nil if none waits.
  ///
  /// - Throws: `EMFILE` if this process has too many descriptors. The connection still waits then,
  ///   and `rawValue` stays readable.
  package func accept() throws(SystemError) -> UnixStream? {
    let raw = rawValue
    let flags = Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let connection = try systemCallUnlessBlocking("accept from", path) {
      accept4(raw, nil, nil, flags)
    }
    return connection.map { UnixStream(owning: FileDescriptor(owning: $0)) }
  }

  /// Makes the socket file, and listens at once: a file that refuses looks like a dead program's.
  private static func bindFile(_ descriptor: Int32, _ path: String) throws(SystemError) {
    let result: (value: Int32, code: Int32) = unsafe try withUnixAddress("listen on", path) {
      (unsafe bind(descriptor, $0, $1), errno)
    }
    guard result.value == 0 else {
      throw SystemError(operation: "listen on", object: path, code: result.code)
    }
    try systemCall("listen on", path) { listen(descriptor, 64) }
  }

  /// Takes the place of a socket file that a dead program has left.
  ///
  /// The directory is locked meanwhile: of two programs that start at once, the second would else
  /// remove the first one's new file.
  private static func replaceStale(_ descriptor: Int32, _ path: String) throws(SystemError) {
    let directory = try FileDescriptor.open(File.directory(of: path), O_RDONLY | O_DIRECTORY)
    let directoryNumber = directory.rawValue
    try systemCall("lock directory of", path) { flock(directoryNumber, LOCK_EX | LOCK_NB) }
    let inUse = SystemError(operation: "listen on", object: path, code: EADDRINUSE)
    if let status = try? File.status(path) {
      guard status.kind == .socket, !answers(path) else { throw inUse }
      try systemCall("remove", path) { unsafe unlink(path) }
    }
    try bindFile(descriptor, path)
    withExtendedLifetime(directory) {}
  }

  /// Whether a program listens at `path`.
  ///
  /// A refusal for another reason than its absence counts.
  private static func answers(_ path: String) -> Bool {
    do throws(SystemError) {
      _ = try UnixStream(connectingTo: path)
      return true
    } catch {
      return error.code != ECONNREFUSED
    }
  }
}
