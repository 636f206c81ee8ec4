internal import ArgumentParser
internal import Net

/// `validate`: an entry by hand, for security associations that no watched daemon makes.
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "Have the router let a peer's packets in",
    discussion: "The entry stays until it is invalidated or the agent stops.")

  @OptionGroup var entry: EntryArguments
  @OptionGroup var socket: SocketOption

  func run() throws {
    let done: String = try AgentClient.ask(socket.path, .validate, entry.request)
    StandardStream.output.say(done + "\n")
  }
}

/// `invalidate`: the end of an entry by hand.
struct InvalidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "invalidate", abstract: "Have the router keep a peer's packets out",
    discussion: """
      An entry of a security association that still exists stays out until it is validated by hand \
      or the association is made anew.
      """)

  @OptionGroup var entry: EntryArguments
  @OptionGroup var socket: SocketOption

  func run() throws {
    let done: String = try AgentClient.ask(socket.path, .invalidate, entry.request)
    StandardStream.output.say(done + "\n")
  }
}

/// `strongswan-config`: the settings for the present lease.
struct StrongSwanConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "strongswan-config",
    abstract: "Print the strongswan.conf snippet for the present lease")

  @OptionGroup var socket: SocketOption

  func run() throws {
    let text: String = try AgentClient.ask(socket.path, .strongswanConfig)
    StandardStream.output.say(text)
  }
}
