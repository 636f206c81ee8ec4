internal import CLinux
internal import Glibc

/// A file with this process's number that only one process can hold (`flock`).
///
/// The kernel drops the lock when the process ends, however it ends, so a file that is left behind
/// is no obstacle. The file is removed when this value goes away: keep it in something that lives as
/// long as the program, as a local variable may end with its last use.
package final class PIDFile: Sendable {
  private let descriptor: FileDescriptor

  /// The file's path.
  package let path: String

  /// Makes the file, or takes over one that no process holds.
  ///
  /// - Throws: `EAGAIN` if another process holds it.
  package init(_ path: String) throws(SystemError) {
    self.path = path
    descriptor = try Self.lock(path)
    let raw = descriptor.rawValue
    try systemCall("write", path) { ftruncate(raw, 0) }
    // For people; on a full disk the lock is as good without.
    _ = try? descriptor.write("\(getpid())\n".utf8)
  }

  deinit {
    // While the lock is held: another program that obeys it cannot have put its own file here.
    guard let mine = try? File.status(ofDescriptor: descriptor.rawValue) else { return }
    if mine.isSameFile(as: try? File.status(path)) { _ = unsafe unlink(path) }
  }

  /// The process that holds the file, or nil if none does.
  package static func holder(of path: String) -> Int32? {
    guard let file = try? FileDescriptor.open(path, O_RDONLY),
      flock(file.rawValue, LOCK_SH | LOCK_NB) != 0,
      let text = try? File.readText(path, limit: 64)
    else { return nil }
    return text.split(separator: "\n").first.flatMap { Int32($0) }
  }

  private static func lock(_ path: String) throws(SystemError) -> FileDescriptor {
    while true {
      let file = try FileDescriptor.open(path, O_RDWR | O_CREAT, mode: 0o644)
      let raw = file.rawValue
      try systemCall("lock", path) { flock(raw, LOCK_EX | LOCK_NB) }
      // Its holder may have removed the file between our two calls: then ours is nobody's name.
      if try File.status(ofDescriptor: raw).isSameFile(as: try? File.status(path)) { return file }
    }
  }
}
