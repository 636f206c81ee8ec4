internal import CLinux
internal import Glibc

/// What a program wrote, and how it ended.
package struct Captured: Hashable, Sendable {
  /// How it ended.
  package let status: ExitStatus
  /// Whether it was killed because its time was up.
  package let timedOut: Bool
  /// What it wrote to standard output.
  package let output: [UInt8]
  /// What it wrote to standard error.
  package let errors: [UInt8]

  /// Standard output as text; octets that are not UTF-8 become U+FFFD.
  package var outputText: String { String(decoding: output, as: UTF8.self) }
  /// Standard error as text; as `outputText`.
  package var errorText: String { String(decoding: errors, as: UTF8.self) }
}

extension Spawn {
  /// What is kept of each of the two outputs; more is read and thrown away.
  private static let longestOutput = 16 << 20

  /// Runs the program to its end, and collects what it writes.
  ///
  /// Does not wait for programs that it leaves behind, even if they still hold its output.
  ///
  /// - Parameters:
  ///   - input: what it reads from standard input.
  ///   - seconds: after which it is killed; nil is never.
  /// - Returns: what it wrote, at most 16 MiB of each output, and how it ended.
  /// - Throws: as `start`. A program that fails is no error: see `status`.
  package func capture(
    input: [UInt8] = [], atMost seconds: Double? = nil
  ) throws(SystemError) -> Captured {
    var spawn = self
    spawn.standardInput = input.isEmpty ? .null : .pipe
    spawn.standardOutput = .pipe
    spawn.standardError = .pipe
    let child = try spawn.start()
    var capture = Capture(child: child, input: ArraySlice(input), limit: Self.longestOutput)
    let inTime = try capture.serve(until: seconds.map(MonotonicClock.deadline(after:)))
    if !inTime { try child.sendToGroup(.kill) }
    guard let status = try child.wait() else {
      throw SystemError(operation: "wait for", object: arguments[0], code: ECHILD)
    }
    try capture.drain()
    return Captured(
      status: status, timedOut: !inTime, output: capture.output, errors: capture.errors)
  }
}

/// The pipes of a program under way.
private struct Capture {
  let child: ChildProcess
  var input: ArraySlice<UInt8>
  let limit: Int
  var output: [UInt8] = []
  var errors: [UInt8] = []

  /// Moves octets until the program ends.
  ///
  /// Returns false if the deadline came first.
  mutating func serve(until deadline: UInt64?) throws(SystemError) -> Bool {
    while true {
      if let deadline, MonotonicClock.now() >= deadline { return false }
      var waits: [(Int32, Readiness)] = [(child.exitDescriptor, .readable)]
      if let pipe = child.standardInput?.rawValue { waits.append((pipe, .writable)) }
      if let pipe = child.standardOutput?.rawValue { waits.append((pipe, .readable)) }
      if let pipe = child.standardError?.rawValue { waits.append((pipe, .readable)) }
      let left = deadline.map { Double($0 &- min($0, MonotonicClock.now())) / 1e9 }
      let ready = try Readiness.wait(on: waits, atMost: left)
      if !ready[0].isEmpty { return true }
      try feed()
      try drain()
    }
  }

  /// Writes what the program takes, and closes its input after the last octet.
  private mutating func feed() throws(SystemError) {
    guard let pipe = child.standardInput, pipe.rawValue != nil else { return }
    do throws(SystemError) {
      if let count = try pipe.write(input.prefix(65_536)) { input = input.dropFirst(count) }
    } catch {
      // It may stop reading: its affair.
      guard error.code == EPIPE else { throw error }
      input = []
    }
    if input.isEmpty { pipe.close() }
  }

  /// Reads what waits in both pipes: all of it if nobody writes any more.
  mutating func drain() throws(SystemError) {
    try drain(child.standardOutput, into: &output)
    try drain(child.standardError, into: &errors)
  }

  private func drain(_ pipe: PipeEnd?, into bytes: inout [UInt8]) throws(SystemError) {
    guard let pipe, pipe.rawValue != nil else { return }
    // A pipe holds a megabyte at most (pipe(7)). A fast writer must not keep us from the clock.
    for _ in 0..<64 {
      guard let more = try pipe.read() else { return }
      if more.isEmpty { return pipe.close() }
      bytes += more.prefix(max(0, limit - bytes.count))
    }
  }
}
