internal import ArgumentParser
internal import Configuration
internal import Daemon
internal import Logging
internal import Net

/// `run`: the agent itself, until a signal ends it.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Lease, make the tunnel, confine the IKE daemon, and follow its associations")

  @Option(help: "The configuration file", completion: .file())
  var config = HostConfiguration.defaultPath

  @Flag(help: "Log what helps to find faults")
  var debug = false

  func run() throws {
    Signal.leaveCrashesToKernel()
    let configuration = try HostConfiguration.load(config)
    let logger = makeLogger()
    let key = try configuration.keyFile?.read()
    if key == nil {
      logger.warning("no key: whoever can write packets with this host's address can act for it")
    }
    let signals: [Signal] = [.terminate, .interrupt, .hangUp]
    // Before any thread starts, as threads inherit the mask.
    SignalSource.block(signals)
    Signal.brokenPipe.ignore()
    let service = try HostService(
      configuration, key: key, logger: logger, manager: ServiceManager())
    try service.run(signals: try SignalSource(signals))
  }

  private func makeLogger() -> Logger {
    DaemonLog.logger(program: "dnat-host", level: debug ? .debug : .info)
  }
}
