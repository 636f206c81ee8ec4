internal import Glibc

/// Why a file was not read, as a sentence without its path: `others can write it; chmod 600 it`.
package struct ProtectedFileError: Error, Equatable, CustomStringConvertible, Sendable {
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

    fileprivate var forbidden: mode_t { self == .notWritable ? 0o022 : 0o077 }
  }

  /// Reads the whole file.
  ///
  /// The checks are made on the open file, so it cannot be exchanged between check and reading.
  ///
  /// - Throws: what is wrong with the file, and the command that mends it.
  package static func read(
    _ path: String, _ rule: Rule, limit: Int
  ) throws(ProtectedFileError) -> [UInt8] {
    // Not blocking, so that a FIFO cannot hold the process; harmless for regular files.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure("cannot be opened") }
    defer { close(descriptor) }
    try check(descriptor, rule, path)
    return try contents(of: descriptor, limit: limit)
  }

  private static func check(
    _ descriptor: Int32, _ rule: Rule, _ path: String
  ) throws(ProtectedFileError) {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw failure("cannot be examined") }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw ProtectedFileError(description: "is not a regular file")
    }
    guard status.st_uid == 0 || status.st_uid == geteuid() else {
      throw ProtectedFileError(
        description: "belongs to user \(status.st_uid), who could change it; chown it")
    }
    guard status.st_mode & rule.forbidden == 0 else {
      throw ProtectedFileError(description: exposure(status.st_mode, rule, path))
    }
  }

  private static func exposure(_ mode: mode_t, _ rule: Rule, _ path: String) -> String {
    let deed = mode & 0o022 != 0 ? "write" : "read"
    let remedy = rule == .secret ? "chmod 600" : "chmod go-w"
    return "others can \(deed) it; \(remedy) \(path)"
  }

  private static func contents(
    of descriptor: Int32, limit: Int
  ) throws(ProtectedFileError) -> [UInt8] {
    var octets: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure("cannot be read") }
      if count == 0 { return octets }
      guard octets.count + count <= limit else {
        throw ProtectedFileError(description: "is larger than \(limit) octets")
      }
      octets += buffer[..<count]
    }
  }

  private static func failure(_ what: String) -> ProtectedFileError {
    let reason = unsafe String(cString: strerror(errno))
    return ProtectedFileError(description: "\(what): \(reason)")
  }
}
