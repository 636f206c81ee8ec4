internal import CLinux
internal import Glibc
internal import Synchronization

/// Our end of a pipe, which does not block.
///
/// Closed by `close` or when nobody holds it.
package final class PipeEnd: Sendable {
  private let descriptor: Mutex<Int32?>

  init(_ descriptor: Int32) {
    self.descriptor = Mutex(descriptor)
  }

  deinit { close() }

  /// The descriptor to watch; nil after `close`.
  package var rawValue: Int32? { descriptor.withLock { $0 } }

  /// Reads at most `count` octets: nil if there is nothing yet, empty at the end.
  package func read(upTo count: Int = 65_536) throws(SystemError) -> [UInt8]? {
    guard let rawValue else { return [] }
    return try FileDescriptor.read(rawValue, upTo: count)
  }

  /// Writes octets and returns how many the kernel took, or nil if it could take none now.
  ///
  /// - Throws: `EPIPE` if nobody reads any more. Never raises SIGPIPE.
  package func write(_ bytes: some Sequence<UInt8>) throws(SystemError) -> Int? {
    guard let rawValue else {
      throw SystemError(operation: "write to", object: "closed pipe", code: EBADF)
    }
    return try withoutBrokenPipeSignal { () throws(SystemError) in
      try FileDescriptor.write(bytes, to: rawValue)
    }
  }

  /// Closes the pipe.
  package func close() {
    descriptor.withLock { descriptor in
      if let descriptor { _ = Glibc.close(descriptor) }
      descriptor = nil
    }
  }
}

/// Keeps the SIGPIPE that `body` may raise from this thread.
///
/// Writes to sockets can say so themselves (`MSG_NOSIGNAL`), writes to pipes cannot.
private func withoutBrokenPipeSignal<Value>(
  _ body: () throws(SystemError) -> Value
) throws(SystemError) -> Value {
  var brokenPipe = signalSet([.brokenPipe])
  var before = sigset_t()
  _ = unsafe pthread_sigmask(SIG_BLOCK, &brokenPipe, &before)
  defer { _ = unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
  do throws(SystemError) {
    return try body()
  } catch {
    // The signal waits for this thread. Taken away before it can be delivered.
    var now = timespec()
    if error.code == EPIPE { _ = unsafe sigtimedwait(&brokenPipe, nil, &now) }
    throw error
  }
}
