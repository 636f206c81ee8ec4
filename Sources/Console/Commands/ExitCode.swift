internal import ArgumentParser
internal import Configuration
internal import Engine
internal import FoundationEssentials
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
    /// No engine answers at the socket.
    case noEngine = 3
  }

  let code: Code
  /// What to say on standard error; nothing if empty.
  let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  init(_ error: ConfigurationError) {
    self.init(.usage, error.description)
  }

  init(_ error: ControlClientError) {
    switch error {
    case .noEngine: self.init(.noEngine, error.message)
    case .refused(let refusal) where Self.usageCodes.contains(refusal.code):
      self.init(.usage, refusal.message)
    case .notPermitted, .broken, .refused: self.init(.failed, error.message)
    }
  }

  /// What the engine refuses that must be written otherwise.
  private static let usageCodes = ["bad-argument", "bad-filter", "bad-configuration"]

  /// Says what an error is and ends the process.
  static func exit(with error: any Error) -> Never {
    switch error {
    case let failure as Failure: leave(failure)
    case let error as ConfigurationError: leave(Failure(error))
    case let error as ControlClientError: leave(Failure(error))
    case let error as SystemError: leave(Failure(.failed, error.description))
    case let code as ExitCode: Main.exit(withError: code)
    default: leaveParser(error)
    }
  }

  private static func leave(_ failure: Failure) -> Never {
    if !failure.message.isEmpty {
      let lines = failure.message.split(separator: "\n", omittingEmptySubsequences: false)
      StandardStream.error.say(lines.map { "dnat-console: \($0.terminalSafe)\n" }.joined())
    }
    Main.exit(withError: ExitCode(failure.code.rawValue))
  }

  // Help and version are errors to the parser that mean success; what else it throws is wrong usage,
  // for which its own code is 64.
  private static func leaveParser(_ error: any Error) -> Never {
    if Main.exitCode(for: error) == .success { Main.exit(withError: error) }
    StandardStream.error.say(Main.fullMessage(for: error) + "\n")
    Main.exit(withError: ExitCode(Code.usage.rawValue))
  }
}
