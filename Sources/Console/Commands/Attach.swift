internal import ArgumentParser
internal import Engine

/// `attach`: a console on the engine that runs on this machine.
struct Attach: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "A console on the engine that runs on this machine; several at once")
  @OptionGroup var engine: SocketOption
  @OptionGroup var look: ConsoleOptions
  @Flag(help: "Look only") var readOnly = false

  func run() throws {
    if look.plain {
      let console = PlainConsole(socketPath: engine.path, readOnly: readOnly, ownsEngine: false)
      return try console.run()
    }
    try ConsoleOptions.requireTerminal()
    // Who may not connect, or has no engine, is told so on the terminal as it is.
    let who: IdentityReport = try engine.connect().call("whoami")
    let options = readOnly || who.role != "operator" ? ["--read-only"] : []
    try TerminalGuard(socket: engine.path, options: look.arguments + options).run()
  }
}
