internal import ArgumentParser
internal import Net
internal import PAP

/// Runs a console as a process of its own and puts the terminal right when that ends, however it
/// ends.
///
/// Job control works as if the two were one: when the console stops, so does this process, and the
/// shell takes over.
final class TerminalGuard {
  private static let signals: [Signal] = [
    .terminate, .hangUp, .interrupt, .quit, .child, .resume,
  ]
  /// Seconds for which a console that was asked to end may take its time.
  private static let patience = 2.0
  /// Seconds for which a stop must last to count, so that one that is over already does not.
  private static let settling = 0.1

  private let arguments: [String]
  private var killTime: UInt64?
  // What ended the console, if it was not its user.
  private var ending: Signal?

  /// Whether the console ended because a signal told this process to end.
  var wasToldToEnd: Bool { killTime != nil }

  /// Prepares a console on an engine's socket.
  init(socket: String, options: [String]) {
    arguments =
      ["dnat-console", ShowConsole.name, "--socket", socket]
      + ["--parent", "\(ThisProcess.processID)"] + options
  }

  /// Runs the console until it ends.
  ///
  /// - Throws: the console's exit code if that is not 0, or how it was killed.
  func run() throws {
    guard let terminal = TerminalDevice() else { return try ConsoleOptions.requireTerminal() }
    SignalSource.block(Self.signals)
    let signals = try SignalSource(Self.signals)
    var spawn = Spawn(arguments)
    spawn.program = ThisProcess.executablePath
    // Else a crash would have Swift's runtime ask questions on a terminal in raw mode.
    spawn.environment = ThisProcess.environment()
      .merging(["SWIFT_BACKTRACE": "enable=no"]) { given, _ in given }
    let console = try spawn.start()
    let end = try supervise(console, signals)
    terminal.restoreModes()
    switch end {
    case .exited(0):
      if let ending, ending != .hangUp {
        StandardStream.error.say("dnat-console: \(ending) ended the console; the router goes on\n")
      }
    case .exited(let code): throw ExitCode(code)
    case .killed(let signal):
      terminal.write(Array(Self.reset.utf8))
      terminal.flushForAMoment()
      throw Failure(
        .failed,
        "the console was killed by \(signal); the router goes on, "
          + "dnat-console attach brings the console back")
    }
  }

  /// What a console may have changed and a dead one has not put back (ECMA-48; xterm's control
  /// sequences): end of synchronised output, main screen, cursor shown, attributes and character set
  /// as at the start, no mouse reports, no bracketed paste, plain cursor keys and keypad, and a new
  /// line.
  private static let reset =
    "\u{1b}[?2026l\u{1b}[?1049l\u{1b}[?25h\u{1b}[0m\u{1b}(B"
    + "\u{1b}[?1000l\u{1b}[?1002l\u{1b}[?1003l\u{1b}[?1006l\u{1b}[?2004l\u{1b}[?1l\u{1b}>\r\n"

  private func supervise(_ console: ChildProcess, _ signals: SignalSource) throws -> ExitStatus {
    while true {
      if let end = try console.wait(atMost: 0) { return end }
      _ = try Readiness.wait(
        on: [(console.exitDescriptor, .readable), (signals.rawValue, .readable)],
        atMost: killTime == nil ? nil : Self.settling)
      for signal in try signals.read() { try take(signal, console) }
      if let killTime, MonotonicClock.now() >= killTime { try console.send(.kill) }
    }
  }

  private func take(_ signal: Signal, _ console: ChildProcess) throws {
    switch signal {
    case .terminate, .hangUp:
      try console.send(signal)
      // One that is stopped would not notice.
      try console.send(.resume)
      ending = signal
      killTime = killTime ?? MonotonicClock.now() + UInt64(Self.patience * 1e9)
    case .resume: try console.send(.resume)
    case .child: try followIntoStop(console)
    default: break  // Ctrl-C and Ctrl-\ are keys to a console; sent as signals, they are its own.
    }
  }

  private func followIntoStop(_ console: ChildProcess) throws {
    guard isStopped(console), try console.wait(atMost: Self.settling) == nil, isStopped(console)
    else { return }
    try Signal.stop.send(to: ThisProcess.processID)
    // Here the shell has continued this process.
    try console.send(.resume)
  }

  // proc(5): the state follows the name, which stands in parentheses and may hold any character.
  private func isStopped(_ console: ChildProcess) -> Bool {
    let text = (try? File.readText("/proc/\(console.processID)/stat", limit: 4_096)) ?? ""
    guard let name = text.lastIndex(of: ")") else { return false }
    return text[name...].dropFirst(2).first == "T"
  }
}
