internal import CLinux
internal import Glibc

/// What the kernel says about a file, without following a symbolic link.
package struct FileStatus: Hashable, Sendable {
  /// The kinds of file that callers tell apart.
  package enum Kind: Sendable { case regular, directory, symbolicLink, socket, other }

  /// The kind of file.
  package let kind: Kind
  /// The permission bits: `0o600`.
  package let mode: UInt32
  /// The owner.
  package let userID: UInt32
  /// The group.
  package let groupID: UInt32
  /// Octets of content.
  package let size: Int
  /// The device that holds the file; with `inode` it tells the file from all others.
  package let device: UInt64
  /// The file's number on its device.
  package let inode: UInt64

  /// Whether both are the same file, changed or not.
  package func isSameFile(as other: FileStatus?) -> Bool {
    device == other?.device && inode == other?.inode
  }

  fileprivate init(_ status: stat) {
    switch status.st_mode & S_IFMT {
    case S_IFREG: kind = .regular
    case S_IFDIR: kind = .directory
    case S_IFLNK: kind = .symbolicLink
    case S_IFSOCK: kind = .socket
    default: kind = .other
    }
    mode = status.st_mode & 0o7777
    userID = status.st_uid
    groupID = status.st_gid
    size = Int(status.st_size)
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
  }
}

/// Whole files, without Foundation.
package enum File {
  /// What is at `path` (`lstat`).
  package static func status(_ path: String) throws(SystemError) -> FileStatus {
    var status = stat()
    try systemCall("look at", path) { unsafe lstat(path, &status) }
    return FileStatus(status)
  }

  /// What an open descriptor refers to (`fstat`).
  package static func status(ofDescriptor descriptor: Int32) throws(SystemError) -> FileStatus {
    var status = stat()
    try systemCall("look at", "descriptor \(descriptor)") { unsafe fstat(descriptor, &status) }
    return FileStatus(status)
  }

  /// The content of a file.
  ///
  /// - Throws: `EFBIG` if it has more than `limit` octets.
  package static func read(
    _ path: String, limit: Int = 16 << 20
  ) throws(SystemError) -> [UInt8] {
    let file = try FileDescriptor.open(path, O_RDONLY)
    var bytes: [UInt8] = []
    while let more = try named("read", path, { () throws(SystemError) in try file.read() }),
      !more.isEmpty
    {
      bytes += more
      if bytes.count > limit { throw SystemError(operation: "read", object: path, code: EFBIG) }
    }
    return bytes
  }

  /// The content of a file as text; octets that are not UTF-8 become U+FFFD.
  package static func readText(
    _ path: String, limit: Int = 16 << 20
  ) throws(SystemError) -> String {
    String(decoding: try read(path, limit: limit), as: UTF8.self)
  }

  /// Writes over the content of a file that exists, such as one of /proc or /sys.
  package static func overwrite(
    _ path: String, with bytes: some Sequence<UInt8>
  ) throws(SystemError) {
    let file = try FileDescriptor.open(path, O_WRONLY | O_TRUNC)
    try named("write", path) { () throws(SystemError) in try file.writeAll(bytes) }
  }

  /// Makes a file that must not be there yet.
  ///
  /// The permissions are `mode` whatever the umask is.
  ///
  /// - Throws: `EEXIST` if there is something of that name.
  package static func create(
    _ path: String, with bytes: some Sequence<UInt8>, mode: UInt32 = 0o644
  ) throws(SystemError) {
    let file = try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_EXCL, mode: mode & 0o700)
    let raw = file.rawValue
    try named("write", path) { () throws(SystemError) in try file.writeAll(bytes) }
    try systemCall("set mode of", path) { fchmod(raw, mode) }
  }

  /// Makes or replaces a file, so that at each moment it has its old content or all of the new.
  ///
  /// The permissions are `mode` whatever the umask is.
  package static func replace(
    _ path: String, with bytes: some Sequence<UInt8>, mode: UInt32 = 0o644
  ) throws(SystemError) {
    let temporary = "\(path).\(getpid()).new"
    do throws(SystemError) {
      let file = try FileDescriptor.open(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
      let raw = file.rawValue
      try named("write", path) { () throws(SystemError) in try file.writeAll(bytes) }
      // Not left to open(), which would take the umask off.
      try systemCall("set mode of", path) { fchmod(raw, mode) }
      try systemCall("write", path) { fsync(raw) }
      try systemCall("replace", path) { unsafe Glibc.rename(temporary, path) }
    } catch {
      _ = unsafe unlink(temporary)
      throw error
    }
  }

  /// Gives a file another name; what had that name is gone.
  package static func rename(_ path: String, to other: String) throws(SystemError) {
    try systemCall("rename", path) { unsafe Glibc.rename(path, other) }
  }

  /// Removes a file.
  ///
  /// One that is not there is no error.
  package static func remove(_ path: String) throws(SystemError) {
    try tolerating(ENOENT) { () throws(SystemError) in
      try systemCall("remove", path) { unsafe unlink(path) }
    }
  }

  /// Makes a directory.
  ///
  /// One that is there already is no error, and keeps its permissions.
  package static func makeDirectory(_ path: String, mode: UInt32 = 0o755) throws(SystemError) {
    do throws(SystemError) {
      try systemCall("make directory", path) { unsafe mkdir(path, mode) }
    } catch {
      // A link to a directory is as good.
      guard error.code == EEXIST, isDirectory(path) else { throw error }
    }
  }

  /// Whether `path` leads to a directory, through symbolic links if need be.
  private static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The directory part of a path; `.` if there is none.
  static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Gives the errors of `body` the file's name.
  private static func named<Value>(
    _ operation: String, _ path: String, _ body: () throws(SystemError) -> Value
  ) throws(SystemError) -> Value {
    do throws(SystemError) {
      return try body()
    } catch {
      throw SystemError(operation: operation, object: path, code: error.code)
    }
  }
}
