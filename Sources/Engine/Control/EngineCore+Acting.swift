internal import PAP

// What operators do: it is durable and in force when it is answered, or the answer says otherwise.

extension EngineCore {
  /// Carries an order of an operator out.
  ///
  /// It holds for every packet when this returns, and is durable, unless an outcome says otherwise.
  ///
  /// - Parameters:
  ///   - order: What is to be done, by whom.
  ///   - client: What the operator's program calls itself.
  ///   - reason: Why, for the audit log.
  /// - Returns: An outcome for each command, in their order.
  package func perform(
    _ order: Order, via client: String = "", reason: String? = nil
  ) -> [CommandOutcome] {
    if let refusal = storeRefusal(ofActions: order.items.count, cuttingOff: order.cutsOff) {
      return order.items.map { _ in .failure(refusal) }
    }
    return act(.order(order), cutsOff: order.cutsOff) { outcomes in
      zip(order.items, outcomes).map { item, outcome in
        AuditRecord(
          item.command, outcome, by: order.actor, via: client, reason: reason, at: now)
      }
    }
  }

  /// Undoes what an operator has ordered, as far as that is possible.
  package func undo(
    _ number: ActionNumber, by actor: AuditActor, via client: String = ""
  ) -> CommandOutcome {
    change(.undo(number, by: actor), "undo", number, by: actor, via: client)
  }

  /// Lets hold what an operator has ordered provisionally.
  package func keep(
    _ number: ActionNumber, by actor: AuditActor, via client: String = ""
  ) -> CommandOutcome {
    change(.keep(number, by: actor), "keep", number, by: actor, via: client)
  }

  /// Rolls back what was to last no longer than a connection, which has ended.
  package func hangUp(_ connection: UInt64) {
    guard state.hasProvisional(on: connection) else { return }
    handle([.hangUp(connection)])
  }

  private func change(
    _ event: Event, _ verb: String, _ number: ActionNumber, by actor: AuditActor, via client: String
  ) -> CommandOutcome {
    let cutsOff = verb == "undo" && state.undoingCutsOff(number) == true
    if let refusal = storeRefusal(ofActions: 1, cuttingOff: cutsOff) { return .failure(refusal) }
    let target = state.title(of: number) ?? "action \(number.rawValue)"
    let outcomes = act(event, cutsOff: cutsOff) { outcomes in
      outcomes.map {
        AuditRecord(
          action: verb, target: target, detail: AuditDetail($0, via: client, undone: number),
          result: $0.auditResult, by: actor, at: now)
      }
    }
    // An order has exactly one outcome for each command.
    return outcomes.first ?? .failure(CommandError(.badArgument, "the order came to nothing"))
  }

  private func act(
    _ event: Event, cutsOff: Bool, _ records: ([CommandOutcome]) -> [AuditRecord]
  ) -> [CommandOutcome] {
    var effects = state.step(event, now: routerTime)
    // What is cut off is cut off at once, however many entries there are and however long the disk
    // takes.
    if cutsOff { applyTable(effects) }
    while state.isUnfinished {
      let rest = state.finish(now: routerTime)
      if cutsOff { applyTable(rest) }
      effects += rest
    }
    let outcomes = effects.compactMap(\.outcome)
    for record in records(outcomes) { writer?.add(record) }
    let isDurable = store(effects, isUrgent: true)
    if !cutsOff { applyTable(effects) }
    finish(effects, isDurable: isDurable)
    return isDurable ? outcomes : outcomes.map { notDurable($0, cutsOff: cutsOff) }
  }
}

extension Effect {
  fileprivate var outcome: CommandOutcome? {
    if case .outcome(let outcome) = self { outcome } else { nil }
  }
}
