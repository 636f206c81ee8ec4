/// The verb `reload`: who wants the configuration read again, and why.
package struct ReloadRequest: Sendable {
  package let actor: AuditActor
  /// What the client calls itself.
  package let client: String
  package let reason: String?

  /// A request that comes from elsewhere than the control socket.
  init(by actor: AuditActor, via client: String) {
    self.actor = actor
    self.client = client
    reason = nil
  }

  /// Reads the arguments.
  init(_ arguments: ControlArguments, _ user: ControlUser) throws(ControlError) {
    var arguments = arguments
    actor = try user.actor(&arguments)
    client = try arguments.remark("via") ?? ""
    reason = try arguments.remark("reason")
    try arguments.refuseOthers()
  }

  /// A row for the audit log about what came of it.
  func record(_ message: String, result: String, at now: Instant) -> AuditRecord {
    AuditRecord(
      action: Verb.reload.rawValue, target: "configuration",
      detail: AuditDetail(via: client, message: message, reason: reason), result: result,
      by: actor, at: now)
  }
}
