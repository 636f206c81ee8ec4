internal import ArgumentParser
internal import Configuration

/// `run`: the engine, and a console on it unless headless.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the router, with a console on it unless headless",
    discussion: """
      Without --headless the engine runs in the background and the console is a client of it: losing \
      the terminal stops nothing, and leaving the console asks whether the engine is to stop.
      """)
  @Option(help: "The configuration file", completion: .file())
  var config = RouterConfiguration.defaultPath
  @Flag(help: "No console; the log goes to standard error") var headless = false
  @OptionGroup var look: ConsoleOptions
  // Where the engine of an interactive run says that it is ready, or why not.
  @Option(help: .private) var readyDescriptor: Int32?

  func run() throws {
    let configuration = try RouterConfiguration.load(config)
    if headless {
      let report = readyDescriptor.map(StartReport.init(descriptor:))
      try HeadlessEngine(file: config, configuration: configuration, report: report).run()
    } else if look.plain {
      try DetachedEngine(file: config, configuration: configuration).start()
      try PlainConsole(
        socketPath: configuration.controlSocket, readOnly: false, ownsEngine: true
      ).run()
    } else {
      try ConsoleOptions.requireTerminal()
      try DetachedEngine(file: config, configuration: configuration).start()
      try TerminalGuard(
        socket: configuration.controlSocket, options: look.arguments + ["--owns-engine"]
      ).run()
    }
  }
}
