/// The part of a row of the audit log that depends on the action.
package struct AuditDetail: Codable, Hashable, Sendable {
  /// `console`, `ctl`, or what else a client calls itself.
  package var via: String
  /// The host that the action was confined to; nil for every host.
  package var host: String?
  /// What was done, or why not, as the operator was told.
  package var message: String
  /// How things were.
  package var before: String?
  /// How they were afterwards.
  package var after: String?
  /// Entries that were added, refreshed or removed.
  package var entries: Int?
}

extension AuditRecord {
  /// What a command came to.
  init(
    _ command: OperatorCommand, _ outcome: CommandOutcome, by actor: AuditActor,
    via client: String, at now: Instant
  ) {
    var detail = AuditDetail(via: client, host: command.scope, message: "")
    let result: String
    switch outcome {
    case .success(let done):
      detail.message = done.message
      detail.before = done.before
      detail.after = done.after
      detail.entries = done.entries
      result = "done"
    case .failure(let error):
      detail.message = error.message
      result = error.code.rawValue
    }
    self.init(
      action: command.action, target: command.target, detail: detail, result: result, by: actor,
      at: now)
  }

  /// Any action.
  init(
    action: String, target: String, detail: AuditDetail, result: String, by actor: AuditActor,
    at now: Instant
  ) {
    // Texts and numbers can always be encoded.
    let text = (try? ControlJSON.encode(detail)) ?? []
    self.init(
      time: now.wallClock / 1_000_000, actor: actor, action: action, target: target,
      detail: String(decoding: text, as: UTF8.self), result: result)
  }
}

extension AuditActor {
  /// Nobody in particular, where no client is involved.
  package static let unknown = AuditActor(userID: nil, name: "unknown", source: nil)
}
