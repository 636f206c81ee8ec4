internal import Logging

// What becomes durable, and what is said while it does not.

extension EngineCore {
  /// Stores what a step has changed, and what an earlier one could not store.
  ///
  /// - Returns: whether everything so far is durable.
  func store(_ effects: [Effect], isUrgent: Bool = false) -> Bool {
    guard let writer else { return true }
    for effect in effects {
      switch effect {
      case .store(let change): writer.add(change)
      case .rolledBack(let rollBack): writer.add(AuditRecord(rollBack, at: now))
      case .send, .table, .outcome, .log: break
      }
    }
    let before = writer.problem
    let isDurable = writer.flush(at: routerTime.monotonic, isUrgent: isUrgent)
    reportStore(before: before)
    FailPoint.pass(.afterCommit)
    return isDurable
  }

  /// Stores how far the router's time has come, so that a reboot loses no more of it than the time
  /// between two calls.
  package func keepTime() {
    guard let writer else { return }
    let before = writer.problem
    writer.keepTime(at: routerTime.monotonic)
    reportStore(before: before)
  }

  private func reportStore(before: String?) {
    guard let writer, writer.problem != before else { return }
    changes += 1
    if let problem = writer.problem {
      let text = "not durable: \(problem); hosts get no answers until it is mended"
      log.error("\(text)")
      events.add(LogLine(.warning, text), at: now.wallClock)
    } else {
      let text = "everything is durable again"
      log.notice("\(text)")
      events.add(LogLine(.info, text), at: now.wallClock)
    }
  }

  /// Why actions are not even tried: they would give something while nothing can be stored.
  func storeRefusal(ofActions count: Int, cuttingOff cutsOff: Bool) -> CommandError? {
    guard let writer else { return nil }
    guard writer.hasAuditRoom(for: count) else {
      return CommandError(
        .notDurable, "too many actions wait to be stored (\(writer.waiting)); mend the disk first")
    }
    guard !cutsOff, let problem = writer.problem, !store([], isUrgent: true) else {
      return nil
    }
    return CommandError(
      .notDurable,
      "\(problem): until that is mended the router takes only what cuts off: revoke, invalidate, "
        + "suspend")
  }

  /// The outcome of a command that is done and would not survive a restart.
  func notDurable(_ outcome: CommandOutcome, cutsOff: Bool) -> CommandOutcome {
    let problem = writer?.problem ?? ""
    switch outcome {
    case .failure: return outcome
    case .success(var result) where cutsOff:
      result.isDurable = false
      return .success(result)
    case .success(let result):
      return .failure(
        CommandError(
          .notDurable,
          "\(result.message), but not durable, \(problem): a restart before it is stored undoes it")
      )
    }
  }

  /// Whether a revocation survives a restart as it is now.
  func isDurable(_ view: RevocationView) -> Bool {
    let host = view.host.flatMap { state.hostView(named: $0)?.index }
    return writer?.isDurable(.revocation(view.target, host)) ?? true
  }
}
