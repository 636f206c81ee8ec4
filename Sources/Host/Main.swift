internal import ArgumentParser

/// The program `dnat-host`: the agent of an inside host, and what people ask it.
@main
struct Main: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dnat-host",
    abstract: "The agent of a host that shares an external address behind a dnat-console router",
    subcommands: [
      RunCommand.self, StatusCommand.self, ValidateCommand.self, InvalidateCommand.self,
      StrongSwanConfigCommand.self,
    ])

  /// Parses the command line, runs the command, and ends the process with the contract's exit code.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      Failure.exit(with: error)
    }
  }
}
