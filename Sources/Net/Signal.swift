internal import CLinux
internal import Glibc

/// A signal's number.
package struct Signal: RawRepresentable, Hashable, Sendable {
  package let rawValue: Int32

  package init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  package static let hangUp = Signal(rawValue: SIGHUP)
  package static let interrupt = Signal(rawValue: SIGINT)
  package static let quit = Signal(rawValue: SIGQUIT)
  package static let kill = Signal(rawValue: SIGKILL)
  package static let user1 = Signal(rawValue: SIGUSR1)
  package static let user2 = Signal(rawValue: SIGUSR2)
  package static let brokenPipe = Signal(rawValue: SIGPIPE)
  package static let terminate = Signal(rawValue: SIGTERM)
  package static let child = Signal(rawValue: SIGCHLD)
  package static let resume = Signal(rawValue: SIGCONT)
  package static let stop = Signal(rawValue: SIGSTOP)
  package static let windowChange = Signal(rawValue: SIGWINCH)

  /// Has the kernel alone see to a crash of this process, which may hold keys.
  ///
  /// Swift's runtime, where SWIFT_BACKTRACE has it do so, prints registers and the memory that they
  /// point to. It also goes on after a SIGABRT from outside, which is how a watchdog ends a process.
  package static func leaveCrashesToKernel() {
    for number in [SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP] {
      _ = Glibc.signal(number, SIG_DFL)
    }
  }

  /// Has this process ignore the signal.
  ///
  /// Every program with sockets does so with `brokenPipe`.
  package func ignore() {
    _ = Glibc.signal(rawValue, SIG_IGN)
  }

  /// Sends the signal to a process, or to a process group if `processID` is negative (`kill`).
  package func send(to processID: Int32) throws(SystemError) {
    try systemCall("send signal \(rawValue) to", "process \(processID)") {
      Glibc.kill(processID, rawValue)
    }
  }
}

extension Signal: CustomStringConvertible {
  /// The name, such as `SIGTERM`, of a signal that is a constant here; else `signal N`.
  package var description: String {
    let names: [Signal: String] = [
      .hangUp: "SIGHUP", .interrupt: "SIGINT", .quit: "SIGQUIT", .kill: "SIGKILL",
      .user1: "SIGUSR1", .user2: "SIGUSR2", .brokenPipe: "SIGPIPE", .terminate: "SIGTERM",
      .child: "SIGCHLD", .resume: "SIGCONT", .stop: "SIGSTOP", .windowChange: "SIGWINCH",
      Signal(rawValue: SIGSEGV): "SIGSEGV", Signal(rawValue: SIGILL): "SIGILL",
      Signal(rawValue: SIGABRT): "SIGABRT", Signal(rawValue: SIGTRAP): "SIGTRAP",
    ]
    return names[self] ?? "signal \(rawValue)"
  }
}
