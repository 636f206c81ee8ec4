/// A verb that acts, as a command to the router's state.
struct CommandRequest {
  let command: OperatorCommand
  /// Who gives it, for the log and for others to see.
  let by: String

  /// Reads the arguments of a verb that acts.
  init(
    _ verb: Verb, _ arguments: ControlArguments, _ user: ControlUser
  ) throws(ControlError) {
    var arguments = arguments
    by = try user.signature(&arguments)
    command = try Self.command(verb, &arguments, by)
    try arguments.refuseOthers()
  }

  private static func command(
    _ verb: Verb, _ arguments: inout ControlArguments, _ by: String
  ) throws(ControlError) -> OperatorCommand {
    switch verb {
    case .validate:
      .validate(
        try arguments.address("address"), host: try arguments.host(),
        protocol: try arguments.ipsecProtocol("protocol"), spi: try arguments.spi("spi"),
        seconds: try arguments.seconds("for"))
    case .invalidate:
      .invalidate(
        try arguments.address("address"), host: try arguments.optionalHost(),
        spi: try arguments.spi("spi"))
    case .revoke:
      .revoke(
        try arguments.prefix("target"), host: try arguments.optionalHost(),
        seconds: try arguments.seconds("for"), reason: try arguments.remark("reason"), by: by)
    case .unrevoke:
      .unrevoke(try arguments.prefix("target"), host: try arguments.optionalHost())
    case .suspend: .suspend(host: try arguments.host())
    case .resume: .resume(host: try arguments.host())
    case .status, .sa, .hosts, .drops, .stats, .revocations, .history, .whoami, .window, .explain,
      .subscribe, .stop:
      throw ControlError(.badRequest, "\(verb.rawValue) is no command")
    }
  }
}

extension ControlUser {
  /// The user's name, with where the user sits if the client says so: `ana@192.0.2.5`.
  ///
  /// The name is the kernel's word, the place the client's.
  func signature(_ arguments: inout ControlArguments) throws(ControlError) -> String {
    let source = try arguments.remark("source")
    return source.map { "\(name)@\($0)" } ?? name
  }
}
