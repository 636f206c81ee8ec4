internal import ArgumentParser
internal import Configuration
internal import Net
internal import PAP

/// `keygen`: a new host key, and the two snippets for router and host.
struct Keygen: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a key for a host, and the configuration of both sides for it")
  @Argument(help: "The host's name: 1 to 63 of a-z, 0-9, . and -") var name: String
  @Option(help: "Where to put NAME.key", completion: .directory) var directory = "."
  @Option(help: "The number of the key, the same on both sides") var keyId: UInt32 = 1
  @Option(help: "The host's inside address") var insideAddress: IPv4Address?

  mutating func validate() throws {
    guard HostName.isValid(name) else {
      throw ValidationError("the name must be 1 to 63 of a-z, 0-9, . and -")
    }
    if keyId == 0 { throw ValidationError("the number of a key is 1 or more") }
  }

  func run() throws {
    let path = "\(directory)/\(name).key"
    try File.create(path, with: (SecretKey.random().base64Text + "\n").utf8, mode: 0o600)
    try StandardStream.output.write(snippets(path).utf8)
  }

  private func snippets(_ path: String) -> String {
    let address = insideAddress.map { "\($0)" } ?? "INSIDE-ADDRESS"
    return """
      # \(path.terminalSafe) holds the key. Copy it to the host over a safe road; mode 0600 on both
      # sides. It is the host's identity: who has it can speak for the host.

      # On the router, in \(RouterConfiguration.defaultPath):
      [[host]]
      name = "\(name)"
      inside-address = "\(address)"
      key-id = \(keyId)
      key-file = "/etc/dnat-console/keys/\(name).key"

      # On the host, in \(HostConfiguration.defaultPath):
      [host]
      name = "\(name)"
      inside-address = "\(address)"
      key-id = \(keyId)
      key-file = "/etc/dnat-host/\(name).key"

      """
  }
}
