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
  /// Why, if it was said for several commands at once.
  package var reason: String?
  /// What undoes it, or what was undone: rows with the same number belong together.
  package var undo: UInt64?
}

extension AuditDetail {
  /// What an outcome says; `undone` is the action that it is about, if it is about one.
  init(_ outcome: CommandOutcome, via client: String, undone: ActionNumber? = nil) {
    self.init(via: client, message: "", undo: undone?.rawValue)
    switch outcome {
    case .success(let done):
      message = done.message
      before = done.before
      after = done.after
      entries = done.entries
      undo = undo ?? done.action?.rawValue
    case .failure(let error): message = error.message
    }
  }
}

extension CommandOutcome {
  /// `done`, or the code of the refusal.
  var auditResult: String {
    switch self {
    case .success: "done"
    case .failure(let error): error.code.rawValue
    }
  }
}

extension AuditRecord {
  /// What a command came to.
  init(
    _ command: OperatorCommand, _ outcome: CommandOutcome, by actor: AuditActor,
    via client: String, reason: String?, at now: Instant
  ) {
    var detail = AuditDetail(outcome, via: client)
    detail.host = command.scope
    detail.reason = reason
    self.init(
      action: command.action, target: command.target, detail: detail, result: outcome.auditResult,
      by: actor, at: now)
  }

  /// What was provisional and is undone.
  init(_ rollBack: RollBack, at now: Instant) {
    let detail = AuditDetail(.success(rollBack.result), via: "engine", undone: rollBack.action)
    self.init(
      action: "roll-back", target: rollBack.title, detail: detail, result: "done",
      by: rollBack.actor, at: now)
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
