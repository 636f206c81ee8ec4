internal import Logging

// What operators are told of what they have done.

extension EngineCore {
  /// What one order has come to.
  func actionReport(
    _ request: OrderRequest, _ outcomes: [CommandOutcome]
  ) throws(ControlError) -> ControlAnswer {
    guard request.isBatch else {
      // An order of one command has one outcome.
      let outcome = outcomes.first ?? .failure(CommandError(.badArgument, "nothing was done"))
      return .whole(try ControlJSON.encode(actionReport(outcome, by: request.order.actor)))
    }
    let report = batchReport(outcomes)
    log.info("\(request.order.actor.signature): \(report.message)")
    let results = zip(request.order.items, outcomes).map(ActionReport.Result.init)
    return .rows(try RowStream(in: report, as: "results", results))
  }

  /// What one command has come to.
  func actionReport(
    _ outcome: CommandOutcome, by actor: AuditActor
  ) throws(ControlError) -> ActionReport {
    let result = try outcome.result()
    log.info("\(actor.signature): \(result.message)")
    return ActionReport(
      message: result.message + warning(result.isDurable), entries: result.entries,
      durable: result.isDurable, action: result.action?.rawValue,
      undoableFor: undoableFor(result.action))
  }

  private func batchReport(_ outcomes: [CommandOutcome]) -> ActionReport {
    var done: [CommandResult] = []
    var errors: [CommandError] = []
    for outcome in outcomes {
      switch outcome {
      case .success(let result): done.append(result)
      case .failure(let error): errors.append(error)
      }
    }
    let entries = done.reduce(0) { $0 + $1.entries }
    let leftOut = errors.count { $0.code == .leftOut }
    let failed = errors.count - leftOut
    let parts = [
      "\(counted(done.count, "command", "commands")) done",
      "\(counted(entries, "entry", "entries")) concerned",
      leftOut > 0 ? "\(leftOut) left out, changed meanwhile" : nil,
      failed > 0 ? "\(failed) failed" : nil,
    ].compactMap { $0 }
    let isDurable = done.allSatisfy(\.isDurable)
    let action = done.lazy.compactMap(\.action).first
    return ActionReport(
      message: parts.joined(separator: ", ") + warning(isDurable), entries: entries,
      durable: isDurable, action: action?.rawValue, undoableFor: undoableFor(action))
  }

  private func warning(_ isDurable: Bool) -> String {
    isDurable ? "" : "; NOT DURABLE, a restart would undo it: \(writer?.problem ?? "not stored")"
  }

  private func undoableFor(_ action: ActionNumber?) -> UInt32? {
    action.flatMap { state.undoSeconds(left: $0, now: routerTime) }
  }
}

extension CommandOutcome {
  /// The result, or the refusal in the words of the control socket.
  fileprivate func result() throws(ControlError) -> CommandResult {
    switch self {
    case .success(let result): return result
    case .failure(let error): throw ControlError(error)
    }
  }
}

extension ActionReport.Result {
  /// What has come of a command, in the words of the contract.
  fileprivate init(_ item: Order.Item, _ outcome: CommandOutcome) {
    let (result, message) =
      switch outcome {
      case .success(let done): ("done", done.message)
      case .failure(let error): (error.code == .leftOut ? "left-out" : "failed", error.message)
      }
    self.init(
      verb: item.command.action, target: item.command.target, host: item.command.scope,
      result: result, message: message)
  }
}
