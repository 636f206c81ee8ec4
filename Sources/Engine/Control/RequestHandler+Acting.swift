internal import Logging

// Verbs that act.

extension RequestHandler {
  /// The result of a verb that acts.
  func act(
    _ verb: Verb, _ arguments: ControlArguments, _ user: ControlUser, _ connection: UInt64?
  ) throws(ControlError) -> ControlAnswer {
    if isStopping { throw ControlError(.stopping, "the engine is on its way out") }
    switch verb {
    case .stop: return try stopEngine(verb, arguments, user)
    case .reload:
      return .whole(try ControlJSON.encode(reload(try ReloadRequest(arguments, user))))
    case .undo, .keep: return try reconsider(verb, arguments, user)
    default:
      let request = try OrderRequest(verb, arguments, user, connection: connection)
      let outcomes = core.perform(request.order, via: request.client, reason: request.reason)
      return try core.actionReport(request, outcomes)
    }
  }

  private func reconsider(
    _ verb: Verb, _ arguments: ControlArguments, _ user: ControlUser
  ) throws(ControlError) -> ControlAnswer {
    var arguments = arguments
    let actor = try user.actor(&arguments)
    let client = try arguments.remark("via") ?? ""
    let number = ActionNumber(rawValue: try arguments.action("action"))
    try arguments.refuseOthers()
    let outcome =
      verb == .undo
      ? core.undo(number, by: actor, via: client) : core.keep(number, by: actor, via: client)
    return .whole(try ControlJSON.encode(core.actionReport(outcome, by: actor)))
  }

  private func stopEngine(
    _ verb: Verb, _ arguments: ControlArguments, _ user: ControlUser
  ) throws(ControlError) -> ControlAnswer {
    var arguments = arguments
    let actor = try user.actor(&arguments)
    let client = try arguments.remark("via") ?? ""
    try arguments.refuseOthers()
    core.log.notice("\(actor.signature): stop")
    core.note(
      AuditRecord(
        action: verb.rawValue, target: "engine",
        detail: AuditDetail(via: client, message: "the engine stops"), result: "done", by: actor,
        at: core.now))
    isStopping = true
    stop()
    return .whole(
      try ControlJSON.encode(
        ActionReport(message: "the engine stops", entries: 0, durable: true)))
  }
}
