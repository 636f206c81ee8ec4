internal import ArgumentParser
internal import Configuration
internal import Net
internal import PAP

/// Why the program ends without having done what it was asked, and with which exit code
/// (design.md, section 5).
struct Failure: Error {
  /// The exit codes of the contract but 0.
  enum Code: Int32 {
    /// Refused or failed.
    case failed = 1
    /// Wrong usage or a bad configuration.
    case usage = 2
    /// No agent answers at the socket.
    case noAgent = 3
  }

  let code: Code
  /// What to say on standard error.
  let message: String

  /// Makes a failure.
  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  private init(_ failure: AgentClient.Failure) {
    let code: Code = if case .noAgent = failure { .noAgent } else { .failed }
    self.init(code, failure.description)
  }

  /// Says what an error is and ends the process.
  static func exit(with error: any Error) -> Never {
    switch error {
    case let failure as Failure: leave(failure)
    case let error as ConfigurationError: leave(Failure(.usage, error.description))
    case let error as AgentClient.Failure: leave(Failure(error))
    case let error as SystemError: leave(Failure(.failed, error.description))
    default: leaveParser(error)
    }
  }

  private static func leave(_ failure: Failure) -> Never {
    for line in failure.message.split(separator: "\n", omittingEmptySubsequences: false) {
      StandardStream.error.say("dnat-host: \(line.terminalSafe)\n")
    }
    Main.exit(withError: ExitCode(failure.code.rawValue))
  }

  // Help is an error to the parser that means success; what else it throws is wrong usage, for
  // which its own code is 64.
  private static func leaveParser(_ error: any Error) -> Never {
    if Main.exitCode(for: error) == .success { Main.exit(withError: error) }
    StandardStream.error.say(Main.fullMessage(for: error) + "\n")
    Main.exit(withError: ExitCode(Code.usage.rawValue))
  }
}
