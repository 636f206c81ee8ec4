internal import ArgumentParser
internal import Configuration
internal import Engine
internal import Net
internal import PAP

/// `check-system`: what is wrong around the data path, and the command that mends it.
struct CheckSystem: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check routes, forwarding, filters, ARP and MTU, and say what mends them")
  @Option(help: "The configuration file", completion: .file())
  var config = RouterConfiguration.defaultPath

  func run() throws {
    let configuration = try RouterConfiguration.load(config)
    let facts = try SystemFacts.read(
      externalAddress: configuration.externalAddress,
      tunnelEndpoint: configuration.tunnelEndpoint)
    let findings = SystemCheck(facts, configuration).findings
    for finding in findings {
      try StandardStream.output.line(finding.what.terminalSafe)
      if let command = finding.command {
        try StandardStream.output.line("  \(command.terminalSafe)")
      }
    }
    guard findings.isEmpty else { throw Failure(.failed, "") }
    try StandardStream.output.line("nothing is wrong")
  }
}
