internal import Glibc

/// Notices that the file of a theme has changed.
struct ThemeWatch {
  /// What tells one content of a file from another without reading it.
  private struct Stamp: Equatable {
    var inode: UInt
    var size: Int
    var seconds: Int
    var nanoseconds: Int
  }

  private let path: String
  private var seen: Stamp?

  /// Watches the file as it is now.
  init(path: String) {
    self.path = path
    seen = Self.stamp(path)
  }

  /// Whether the file has changed since this was last asked.
  ///
  /// One that is not there has not: editors take files away for a moment while they save.
  mutating func hasChanged() -> Bool {
    guard let now = Self.stamp(path), now != seen else { return false }
    seen = now
    return true
  }

  private static func stamp(_ path: String) -> Stamp? {
    var status = Glibc.stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    return Stamp(
      inode: UInt(status.st_ino), size: Int(status.st_size), seconds: Int(status.st_mtim.tv_sec),
      nanoseconds: Int(status.st_mtim.tv_nsec))
  }
}
