internal import ArgumentParser
internal import Engine

/// The program `dnat-console`: the router's engine, its console, and what scripts need.
@main
struct Main: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dnat-console",
    abstract: "A router for IPsec hosts that share one address, with a console",
    version: programVersion,
    subcommands: [
      Run.self, Ctl.self, CheckConfig.self, CheckSystem.self, Keygen.self, Lab.self,
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
