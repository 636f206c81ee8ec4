package import Net
internal import Synchronization

/// Where the lines of a log go that no journal takes: standard error, which can be led to a file that
/// stays small.
package final class LogOutput: Sendable {
  private let file = Mutex<LogFile?>(nil)

  /// Makes an output to standard error, wherever that leads.
  package init() {}

  /// Leads standard error to a file, which is made or emptied, and keeps it below its bound from now
  /// on.
  package func keep(in path: String) throws(SystemError) {
    try file.withLock { file throws(SystemError) in
      file = try LogFile(path, as: 2)
    }
  }

  /// Writes a line.
  ///
  /// Nobody is left to tell if that fails.
  func write(_ line: String) {
    file.withLock { file in
      file?.makeRoom(for: line.utf8.count)
      _ = try? FileDescriptor.write(line.utf8, to: 2)
    }
  }
}

/// A file that an open descriptor leads to, and the one before it, `PATH.old`.
///
/// When the file would exceed its bound it takes the place of the old one, and another begins: both
/// together have at most twice the bound.
struct LogFile: Sendable {
  /// Octets of one file: some tens of thousands of lines.
  ///
  /// Under /run they are in memory.
  static let bound = 4 << 20

  private let path: String
  private let descriptor: Int32
  private let bound: Int

  /// Leads a descriptor of this process to the file, which is made or emptied.
  init(_ path: String, as descriptor: Int32, bound: Int = Self.bound) throws(SystemError) {
    self.path = path
    self.descriptor = descriptor
    self.bound = bound
    try ThisProcess.redirect(descriptor, to: path)
  }

  /// Sees to it that so many octets more do not exceed the bound.
  ///
  /// What others write to the descriptor counts too.
  func makeRoom(for count: Int) {
    guard let size = try? File.status(ofDescriptor: descriptor).size, size > 0,
      size + count > bound
    else { return }
    // Where the old file cannot be kept, it is given up: the bound holds all the same.
    _ = try? File.rename(path, to: "\(path).old")
    _ = try? ThisProcess.redirect(descriptor, to: path)
  }
}
