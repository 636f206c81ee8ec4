internal import CLinux
internal import Glibc

/// A failed request to the kernel: what was tried, on what, and why it failed.
package struct SystemError: Error, Hashable, Sendable {
  /// What was tried, as a verb: `open`.
  package let operation: String
  /// What it was tried on: `/dev/net/tun`.
  ///
  /// May be empty.
  package let object: String
  /// The error number, as in `errno`.
  package let code: Int32

  /// Makes an error; `code` is an error number as in `errno`.
  package init(operation: String, object: String, code: Int32) {
    self.operation = operation
    self.object = object
    self.code = code
  }

  /// What the error number means, in English whatever the locale is.
  package var reason: String {
    // The texts are constants of the C library: no lifetime to care for.
    guard let text = unsafe strerrordesc_np(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }
}

extension SystemError: CustomStringConvertible {
  /// A sentence for people: `cannot open /dev/net/tun: Permission denied`.
  package var description: String {
    object.isEmpty ? "cannot \(operation): \(reason)" : "cannot \(operation) \(object): \(reason)"
  }
}

extension SystemError {
  /// The error numbers that callers act upon, so that they need not import the C library.
  package enum Code {
    package static let addressNotAvailable = EADDRNOTAVAIL
    package static let alreadyExists = EEXIST
    package static let addressInUse = EADDRINUSE
    package static let busy = EBUSY
    package static let connectionRefused = ECONNREFUSED
    package static let invalidArgument = EINVAL
    package static let networkUnreachable = ENETUNREACH
    package static let noSuchDevice = ENODEV
    package static let noSuchFile = ENOENT
    package static let noSuchProcess = ESRCH
    package static let notPermitted = EPERM
    package static let notSupported = EOPNOTSUPP
    package static let permissionDenied = EACCES
    package static let timedOut = ETIMEDOUT
    package static let wouldBlock = EAGAIN
  }
}

/// Makes a system call again while a signal interrupts it, and turns -1 into a `SystemError`.
@discardableResult
func systemCall<Value: FixedWidthInteger & SignedInteger>(
  _ operation: @autoclosure () -> String, _ object: @autoclosure () -> String,
  _ body: () -> Value
) throws(SystemError) -> Value {
  while true {
    let value = body()
    if value != -1 { return value }
    let code = errno
    if code != EINTR {
      throw SystemError(operation: operation(), object: object(), code: code)
    }
  }
}

/// As `systemCall`, for non-blocking descriptors: nil if the call would have to wait.
func systemCallUnlessBlocking<Value: FixedWidthInteger & SignedInteger>(
  _ operation: @autoclosure () -> String, _ object: @autoclosure () -> String,
  _ body: () -> Value
) throws(SystemError) -> Value? {
  // EWOULDBLOCK is the same number on Linux.
  try tolerating(EAGAIN) { () throws(SystemError) in try systemCall(operation(), object(), body) }
}

/// Calls `body` where one error number is no error: then the answer is nil.
@discardableResult
func tolerating<Value>(
  _ code: Int32, _ body: () throws(SystemError) -> Value
) throws(SystemError) -> Value? {
  do throws(SystemError) {
    return try body()
  } catch {
    guard error.code == code else { throw error }
    return nil
  }
}

/// Turns the error number that pthread and posix_spawn functions return into a `SystemError`.
func checkNumber(
  _ operation: @autoclosure () -> String, _ object: @autoclosure () -> String, _ code: Int32
) throws(SystemError) {
  if code != 0 { throw SystemError(operation: operation(), object: object(), code: code) }
}
