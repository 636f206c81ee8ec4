internal import CLinux
internal import Glibc

/// Signals as something to read (`signalfd`).
///
/// The signals must be blocked in every thread, else the kernel delivers them the old way: call
/// `block` before the first thread starts, as threads inherit the mask.
package final class SignalSource {
  private let descriptor: FileDescriptor

  /// The descriptor to watch; readable while signals wait.
  package var rawValue: Int32 { descriptor.rawValue }

  /// Keeps signals from this thread, and from threads and programs it starts later.
  ///
  /// - Precondition: SIGTSTP is not among them: ncurses ignores it around each screen update, which
  ///   throws a waiting one away, and Ctrl-Z would be lost.
  package static func block(_ signals: [Signal]) {
    precondition(!signals.contains(Signal(rawValue: SIGTSTP)), "SIGTSTP must not be blocked")
    var set = signalSet(signals)
    _ = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Starts reading `signals`, which must be blocked already.
  package init(_ signals: [Signal]) throws(SystemError) {
    var set = signalSet(signals)
    descriptor = FileDescriptor(
      owning: try systemCall("make", "signalfd") {
        unsafe signalfd(-1, &set, Int32(SFD_CLOEXEC) | Int32(SFD_NONBLOCK))
      })
  }

  /// The signals that have come since the last call.
  ///
  /// Several of one kind may have become one.
  package func read() throws(SystemError) -> [Signal] {
    var signals: [Signal] = []
    let size = MemoryLayout<signalfd_siginfo>.size
    while let bytes = try descriptor.read(upTo: size), bytes.count == size {
      // The number is the first field, 32 bits in host order.
      let number = UInt32(bytes[0]) | UInt32(bytes[1]) << 8 | UInt32(bytes[2]) << 16
      signals.append(Signal(rawValue: Int32(number)))
    }
    return signals
  }
}

/// The C library's form of a set of signals.
func signalSet(_ signals: [Signal]) -> sigset_t {
  var set = sigset_t()
  unsafe sigemptyset(&set)
  for signal in signals { unsafe sigaddset(&set, signal.rawValue) }
  return set
}
