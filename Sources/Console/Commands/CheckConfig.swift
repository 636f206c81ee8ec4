internal import ArgumentParser
internal import Configuration
internal import Net
internal import PAP

/// `check-config`: says what is wrong with a configuration, without touching anything.
struct CheckConfig: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what is wrong with a configuration, with line and key")
  @Argument(help: "The configuration file", completion: .file()) var file: String

  func run() throws {
    let configuration = try RouterConfiguration.load(file)
    _ = try configuration.readKeys()
    let hosts = configuration.hosts.count
    try StandardStream.output.line(
      "\(file.terminalSafe): good, \(hosts) \(hosts == 1 ? "host" : "hosts")")
  }
}
