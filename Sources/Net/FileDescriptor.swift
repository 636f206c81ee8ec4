internal import CLinux
internal import Glibc

/// An open file, closed exactly once: when the value goes away.
///
/// All descriptors made in this target are close-on-exec.
package struct FileDescriptor: ~Copyable, Sendable {
  /// The number.
  ///
  /// Valid only while this value lives.
  package let rawValue: Int32

  /// Takes over a descriptor that is open and that nobody else will close.
  package init(owning rawValue: Int32) {
    precondition(rawValue >= 0, "a descriptor is 0 or more")
    self.rawValue = rawValue
  }

  deinit {
    // Never repeated after EINTR: Linux has freed the number by then.
    _ = close(rawValue)
  }

  /// Gives the descriptor away without closing it.
  package consuming func release() -> Int32 {
    let value = rawValue
    discard self
    return value
  }

  /// A second descriptor for the same open file.
  package func duplicate() throws(SystemError) -> FileDescriptor {
    let raw = rawValue
    return FileDescriptor(
      owning: try systemCall("duplicate", "descriptor \(raw)") {
        cl_fcntl(raw, F_DUPFD_CLOEXEC, 3)
      })
  }

  /// Makes reads and writes return nil in place of waiting, or wait again.
  package func setNonBlocking(_ on: Bool) throws(SystemError) {
    let raw = rawValue
    let flags = try systemCall("read flags of", "descriptor \(raw)") { cl_fcntl(raw, F_GETFL, 0) }
    try systemCall("set flags of", "descriptor \(raw)") {
      cl_fcntl(raw, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK)
    }
  }
}

extension FileDescriptor {
  /// Reads at most `count` octets (`read`).
  ///
  /// Returns nil if there is nothing yet and the descriptor does not block, and an empty array at
  /// the end of the file.
  package func read(upTo count: Int = 65_536) throws(SystemError) -> [UInt8]? {
    try Self.read(rawValue, upTo: count)
  }

  /// Reads from a descriptor that somebody else owns; as the method of the same name.
  package static func read(
    _ descriptor: Int32, upTo count: Int = 65_536
  ) throws(SystemError) -> [UInt8]? {
    var code: Int32 = 0
    var blocked = false
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
      do throws(SystemError) {
        let got = try systemCallUnlessBlocking("read", "") {
          unsafe Glibc.read(descriptor, buffer.baseAddress, count)
        }
        blocked = got == nil
        used = got ?? 0
      } catch {
        code = error.code
      }
    }
    try checkNumber("read from", "descriptor \(descriptor)", code)
    return blocked ? nil : bytes
  }

  /// Writes octets (`write`) and returns how many the kernel took, or nil if it could take none now.
  package func write(_ bytes: some Sequence<UInt8>) throws(SystemError) -> Int? {
    try Self.write(bytes, to: rawValue)
  }

  /// Writes to a descriptor that somebody else owns; as the method of the same name.
  package static func write(
    _ bytes: some Sequence<UInt8>, to descriptor: Int32
  ) throws(SystemError) -> Int? {
    let octets = ContiguousArray(bytes)
    return try systemCallUnlessBlocking("write to", "descriptor \(descriptor)") {
      unsafe octets.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
    }
  }

  /// Writes all octets, and waits if the kernel cannot take them now.
  package func writeAll(_ bytes: some Sequence<UInt8>) throws(SystemError) {
    var rest = ArraySlice(Array(bytes))
    while !rest.isEmpty {
      if let count = try write(rest) {
        rest = rest.dropFirst(count)
      } else {
        _ = try Readiness.wait(on: rawValue, for: .writable, atMost: nil)
      }
    }
  }
}

extension FileDescriptor {
  /// The two ends of a pipe.
  ///
  /// Both block; use `setNonBlocking` for an end that must not.
  package struct Pipe: ~Copyable {
    /// The end to read from.
    package let reader: FileDescriptor
    /// The end to write to.
    package let writer: FileDescriptor

    /// Gives both ends away as numbers that the caller must close.
    package consuming func release() -> (reader: Int32, writer: Int32) {
      (reader.release(), writer.release())
    }
  }

  /// Makes a pipe (`pipe2`).
  package static func pipe() throws(SystemError) -> Pipe {
    var ends: [Int32] = [-1, -1]
    try systemCall("make", "pipe") { unsafe pipe2(&ends, O_CLOEXEC) }
    return Pipe(reader: FileDescriptor(owning: ends[0]), writer: FileDescriptor(owning: ends[1]))
  }

  /// Opens a file (`open`); `flags` are those of `open(2)`.
  static func open(
    _ path: String, _ flags: Int32, mode: UInt32 = 0
  ) throws(SystemError) -> FileDescriptor {
    FileDescriptor(
      owning: try systemCall("open", path) { unsafe cl_open(path, flags | O_CLOEXEC, mode) })
  }
}
