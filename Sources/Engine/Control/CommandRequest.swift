/// A verb that acts, as a command to the router's state.
struct CommandRequest {
  let command: OperatorCommand
  /// Who gives it, for the log and for others to see.
  let by: String
  /// Who gives it, for the audit log.
  let actor: AuditActor
  /// What the client calls itself.
  let client: String

  /// Reads the arguments of a verb that acts.
  init(
    _ verb: Verb, _ arguments: ControlArguments, _ user: ControlUser
  ) throws(ControlError) {
    var arguments = arguments
    actor = try user.actor(&arguments)
    by = actor.signature
    client = try arguments.remark("via") ?? ""
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
    case .status, .sa, .hosts, .host, .drops, .stats, .revocations, .audit, .auditVerify, .history,
      .whoami, .window, .explain, .subscribe, .reload, .stop:
      throw ControlError(.badRequest, "\(verb.rawValue) is no command")
    }
  }
}

extension ControlUser {
  /// The user, with where it sits if the client says so.
  ///
  /// Number and name are the kernel's word, the place the client's.
  func actor(_ arguments: inout ControlArguments) throws(ControlError) -> AuditActor {
    AuditActor(userID: userID, name: name, source: try arguments.remark("source"))
  }
}

extension AuditActor {
  /// The name with the place: `ana@192.0.2.5`.
  var signature: String { source.map { "\(name)@\($0)" } ?? name }
}
