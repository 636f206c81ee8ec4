internal import ArgumentParser
internal import Configuration
internal import Engine
internal import Net
internal import PAP

/// `tun`: the device and its routes, made ahead by root for an engine without privileges.
struct Tun: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make or remove the TUN device ahead, for an engine without privileges",
    discussion: """
      An engine makes a device that is missing, which takes privileges, and the device goes with it. \
      One made here stays, and a user without privileges may run the engine on it.
      """,
    subcommands: [Make.self, Remove.self])

  /// Makes the device, or brings the one that is there to what the configuration says.
  struct Make: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make the device, bring it up, and route both addresses to it")
    @Option(help: "The configuration file", completion: .file())
    var config = RouterConfiguration.defaultPath
    @Option(help: "The user whose engine is to use it") var user: String?

    func run() throws {
      let configuration = try RouterConfiguration.load(config)
      let owner = try user.map { name in
        guard let number = Accounts.userID(named: name) else {
          throw Failure(.usage, "there is no user \(name)")
        }
        return number
      }
      try TunnelDevice.make(configuration, owner: owner)
    }
  }

  /// Removes the device and so its routes.
  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Remove the device and the routes to it")
    @Option(help: "The configuration file", completion: .file())
    var config = RouterConfiguration.defaultPath

    func run() throws {
      try TunnelDevice.remove(try RouterConfiguration.load(config))
    }
  }
}
