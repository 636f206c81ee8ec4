internal import CLinux
internal import Glibc

/// Why a file was not read, as a sentence without its path: `others can write it; chmod 600 it`.
package struct ProtectedFileError: Error, Hashable, CustomStringConvertible, Sendable {
  package let description: String

  package init(description: String) {
    self.description = description
  }
}

/// Reads files that decide who is trusted: only regular ones, of root or of the process's own user,
/// that nobody else can change.
package enum ProtectedFile {
  /// What other users may not do with the file.
  package enum Rule: Sendable {
    /// Others may read it, not write it.
    case notWritable
    /// Others may neither read nor write it.
    case secret

    fileprivate var forbidden: UInt32 { self == .notWritable ? 0o022 : 0o077 }
  }

  /// Reads the whole file.
  ///
  /// The checks are made on the open file, so it cannot be exchanged between check and reading.
  ///
  /// - Throws: what is wrong with the file, and the command that mends it.
  package static func read(
    _ path: String, _ rule: Rule, limit: Int
  ) throws(ProtectedFileError) -> [UInt8] {
    let descriptor = try translated { () throws(SystemError) in
      // Not blocking, so that a FIFO cannot hold the process; harmless for regular files.
      try FileDescriptor.open(path, O_RDONLY | O_NONBLOCK).release()
    }
    let file = FileDescriptor(owning: descriptor)
    try check(
      try translated { () throws(SystemError) in try File.status(ofDescriptor: descriptor) },
      rule, path)
    return try contents(of: file, limit: limit)
  }

  private static func check(
    _ status: FileStatus, _ rule: Rule, _ path: String
  ) throws(ProtectedFileError) {
    guard status.kind == .regular else {
      throw ProtectedFileError(description: "is not a regular file")
    }
    guard status.userID == 0 || status.userID == ThisProcess.userID else {
      throw ProtectedFileError(
        description: "belongs to user \(status.userID), who could change it; chown it")
    }
    guard status.mode & rule.forbidden == 0 else {
      let deed = status.mode & 0o022 != 0 ? "write" : "read"
      let remedy = rule == .secret ? "chmod 600" : "chmod go-w"
      throw ProtectedFileError(description: "others can \(deed) it; \(remedy) \(path)")
    }
  }

  private static func contents(
    of file: borrowing FileDescriptor, limit: Int
  ) throws(ProtectedFileError) -> [UInt8] {
    let descriptor = file.rawValue
    var octets: [UInt8] = []
    while octets.count <= limit {
      let more = try translated { () throws(SystemError) in
        try FileDescriptor.read(descriptor) ?? []
      }
      if more.isEmpty { return octets }
      octets += more
    }
    throw ProtectedFileError(description: "is larger than \(limit) octets")
  }

  private static func translated<Value>(
    _ body: () throws(SystemError) -> Value
  ) throws(ProtectedFileError) -> Value {
    do throws(SystemError) {
      return try body()
    } catch {
      throw ProtectedFileError(
        description: "cannot be \(error.operation == "open" ? "opened" : "read"): \(error.reason)")
    }
  }
}
