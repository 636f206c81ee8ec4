internal import CLinux
internal import Glibc
internal import Synchronization

/// How a process ended.
package enum ExitStatus: Hashable, Sendable {
  /// By itself, with this code.
  case exited(Int32)
  /// By this signal.
  case killed(Signal)

  /// Whether it ended by itself with code 0.
  package var isSuccess: Bool { self == .exited(0) }

  /// Reads the status that `waitpid` writes.
  init(waitStatus status: Int32) {
    // The macros WIFEXITED and kin are not imported: wait(2), the low seven bits are the signal.
    let signal = status & 0x7f
    self =
      signal == 0 ? .exited(status >> 8 & 0xff) : .killed(Signal(rawValue: signal))
  }
}

extension ExitStatus: CustomStringConvertible {
  /// `exited with code 1`, `killed by SIGTERM`.
  package var description: String {
    switch self {
    case .exited(let code): "exited with code \(code)"
    case .killed(let signal): "killed by \(signal)"
    }
  }
}

/// A program that this process started.
///
/// Any thread may use it. A process whose end nobody waits for stays as a zombie until this process
/// ends, except that dropping this value collects it if it has ended by then.
package final class ChildProcess: Sendable {
  /// The process number.
  package let processID: Int32
  /// The program and its arguments.
  package let arguments: [String]
  /// Our end of the pipe to its standard input, if that is a pipe.
  ///
  /// None of the ends blocks.
  package let standardInput: PipeEnd?
  /// Our end of the pipe from its standard output, if that is a pipe.
  package let standardOutput: PipeEnd?
  /// Our end of the pipe from its standard error, if that is a pipe.
  package let standardError: PipeEnd?

  private let descriptor: FileDescriptor
  private let leadsSession: Bool
  private let status = Mutex<ExitStatus?>(nil)

  /// A descriptor to watch: readable once the process has ended.
  package var exitDescriptor: Int32 { descriptor.rawValue }

  /// Takes over a process that nobody has waited for, and descriptors of pipes.
  init(
    processID: Int32, arguments: [String], input: Int32?, output: Int32?, error: Int32?,
    leadsSession: Bool
  ) throws(SystemError) {
    self.processID = processID
    self.arguments = arguments
    self.leadsSession = leadsSession
    standardInput = input.map(PipeEnd.init)
    standardOutput = output.map(PipeEnd.init)
    standardError = error.map(PipeEnd.init)
    // The number cannot be another process's yet, as nobody has waited for this one.
    descriptor = FileDescriptor(
      owning: try systemCall("watch", arguments[0]) { cl_pidfd_open(processID) })
  }

  deinit {
    _ = collect()
  }

  /// Waits for the end, at most `seconds`; nil waits for ever, 0 only looks.
  ///
  /// - Returns: how the process ended, or nil if the time has passed.
  package func wait(atMost seconds: Double? = nil) throws(SystemError) -> ExitStatus? {
    if let status = collect() { return status }
    if seconds == 0 { return nil }
    _ = try Readiness.wait(on: exitDescriptor, for: .readable, atMost: seconds)
    return collect()
  }

  /// Sends a signal.
  ///
  /// One that has ended is no error.
  package func send(_ signal: Signal) throws(SystemError) {
    let raw = descriptor.rawValue
    try tolerating(ESRCH) { () throws(SystemError) in
      try systemCall("send \(signal) to", arguments[0]) {
        cl_pidfd_send_signal(raw, signal.rawValue)
      }
    }
  }

  /// Sends a signal to the process and, if it was started with a session of its own, to all that it
  /// has started in its group.
  package func sendToGroup(_ signal: Signal) throws(SystemError) {
    guard leadsSession else { return try send(signal) }
    try tolerating(ESRCH) { () throws(SystemError) in try signal.send(to: -processID) }
  }

  /// Asks the process to end, and kills it if it has not after `seconds`.
  @discardableResult
  package func terminate(killAfter seconds: Double) throws(SystemError) -> ExitStatus? {
    try sendToGroup(.terminate)
    if let status = try wait(atMost: seconds) { return status }
    try sendToGroup(.kill)
    return try wait()
  }

  /// The status if the process has ended, fetched from the kernel once.
  private func collect() -> ExitStatus? {
    status.withLock { known in
      if let known { return known }
      var raw: Int32 = 0
      guard unsafe waitpid(processID, &raw, WNOHANG) == processID else { return nil }
      known = ExitStatus(waitStatus: raw)
      return known
    }
  }
}
