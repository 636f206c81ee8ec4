internal import ArgumentParser
internal import Engine
internal import Net

/// The program `dnat-console`: the router's engine, its console, and what scripts need.
@main
struct Main: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dnat-console",
    abstract: "A router for IPsec hosts that share one address, with a console",
    version: programVersion,
    subcommands: [
      Run.self, Attach.self, Ctl.self, CheckConfig.self, CheckSystem.self, Tun.self, Keygen.self,
      Lab.self, Keys.self, ShowConsole.self,
    ])

  /// Parses the command line, runs the command, and ends the process with the contract's exit code.
  static func main() {
    // Started as /proc/self/exe it would be "exe".
    ThisProcess.setName("dnat-console")
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      Failure.exit(with: error)
    }
  }
}
