internal import PAP

// An order on its way: command by command, in their order. What revocations cut off is published
// first; the entries under them are removed in a second round.

/// What has come of an order so far.
struct OrderRun: Sendable {
  let order: Order
  let number: ActionNumber
  private(set) var outcomes: [CommandOutcome?]
  /// What can be undone.
  private(set) var changes: [Change] = []
  private(set) var forgotten = 0
  /// Revocations in force whose entries are still to be removed.
  var cutOff: [(place: Int, plan: CommandPlan)] = []

  init(_ order: Order, number: ActionNumber) {
    self.order = order
    self.number = number
    outcomes = order.items.map { _ in nil }
  }

  mutating func settle(_ place: Int, _ outcome: CommandOutcome) {
    outcomes[place] = outcome
  }

  /// Remembers a change, as far as there is room.
  mutating func remember(_ change: Change) {
    if case .removed = change, changes.count >= ActionLog.mostOfOne {
      forgotten += 1
    } else {
      changes.append(change)
    }
  }
}

extension RouterState {
  /// Carries out an order; what cannot be done is left out and said.
  ///
  /// Of revocations only what cuts the addresses off; `settle` does the rest.
  mutating func carryOut(_ order: Order, now: Instant) {
    var run = OrderRun(order, number: ActionNumber(rawValue: generations.next()))
    let isTooMuch = order.provision != nil && !actions.hasRoom(for: order.items.count)
    let refusals = order.items.map { refusal(of: $0, isTooMuch: isTooMuch) }
    for (place, item) in order.items.enumerated() {
      do throws(CommandError) {
        if let refusal = refusals[place] { throw refusal }
        begin(try plan(item.command, now: now), place, &run, now: now)
      } catch {
        let isOnly = order.items.count == 1
        run.settle(place, .failure(isOnly ? hinted(error, for: item.command) : error))
      }
    }
    unfinished = run
    if run.cutOff.isEmpty { settle(now: now) }
  }

  /// Why a command is not even tried: its object is another one by now, or what is to be rolled back
  /// could not be remembered.
  private func refusal(of item: Order.Item, isTooMuch: Bool) -> CommandError? {
    if let generation = item.generation, !isCurrent(generation, for: item.command) {
      let target = item.command.target
      return CommandError(.leftOut, "\(target) was left out: it has changed meanwhile")
    }
    guard isTooMuch else { return nil }
    return CommandError(
      .quotaExceeded, "too much is provisional already; keep or undo some of it first")
  }

  private mutating func begin(
    _ plan: CommandPlan, _ place: Int, _ run: inout OrderRun, now: Instant
  ) {
    guard case .revoke(var revocation, let former) = plan else {
      // The commands before this one are done whole, as if each had come alone.
      cleanUp(&run, now: now)
      return complete(plan, place, &run, now: now)
    }
    revocation.generation = generations.next()
    revocations.set(revocation)
    if former == nil { change(.insertRevocation(revocation.key.target, revocation.key.host)) }
    run.cutOff.append((place, .revoke(revocation, former: former)))
  }

  /// Does what is left of an order: removes the entries that it has cut off.
  mutating func settle(now: Instant) {
    guard var run = unfinished else { return }
    unfinished = nil
    cleanUp(&run, now: now)
    close(run, now: now)
  }

  private mutating func cleanUp(_ run: inout OrderRun, now: Instant) {
    let waiting = run.cutOff
    run.cutOff = []
    for (place, plan) in waiting { complete(plan, place, &run, now: now) }
  }

  private mutating func complete(
    _ plan: CommandPlan, _ place: Int, _ run: inout OrderRun, now: Instant
  ) {
    let rows = rows(of: plan)
    let words = words(for: plan, rows, now: now)
    let trace = trace(of: plan, rows, now: now)
    carryOut(plan, rows, &run, now: now)
    touch(run.order.items[place].command, rows, run.order.actor, now: now)
    let result = CommandResult(
      message: words.done, entries: rows.count, before: trace.before, after: trace.after)
    run.settle(place, .success(result))
  }

  /// Notes who acted, and makes another version of each peer that it was about.
  private mutating func touch(
    _ command: OperatorCommand, _ rows: [Validation], _ actor: AuditActor, now: Instant
  ) {
    touches.note(Touch(by: actor.signature, at: now), of: command.touched)
    switch command {
    case .validate(let address, _, _, _, _), .invalidate(let address, _, _):
      validations.renewPeer(address, generation: generations.next())
    case .revoke:
      for address in Set(rows.map(\.entry.address)) {
        validations.renewPeer(address, generation: generations.next())
      }
    case .unrevoke, .suspend, .resume: break
    }
  }

  /// Answers, and remembers what can be undone.
  private mutating func close(_ run: OrderRun, now: Instant) {
    let action = run.changes.isEmpty ? nil : run.number
    if action != nil {
      let provision = run.order.provision
      actions.add(
        Action(
          number: run.number, actor: run.order.actor, title: run.order.title, changes: run.changes,
          forgotten: run.forgotten, since: now.monotonic,
          until: now.deadline(after: ActionLog.patience),
          provisionalUntil: provision.map { now.deadline(after: $0.seconds) },
          connection: provision?.connection))
    }
    for case .some(let outcome) in run.outcomes {
      if case .success(var result) = outcome {
        result.action = action
        emit(.outcome(.success(result)))
      } else {
        emit(.outcome(outcome))
      }
    }
  }
}

// MARK: Generations

extension RouterState {
  /// Whether something that the command names is still the version of that number.
  func isCurrent(_ generation: UInt64, for command: OperatorCommand) -> Bool {
    switch command {
    case .suspend(let name), .resume(let name):
      // One that is not there is the command's own mistake.
      hosts.named(name).map { self.generation(of: $0) == generation } ?? true
    case .validate(let address, let host, _, _, _):
      isCurrent(generation, CIDR(address), host: host, spi: nil)
    case .invalidate(let address, let host, let spi):
      isCurrent(generation, CIDR(address), host: host, spi: spi)
    case .revoke(let target, let host, _, _, _), .unrevoke(let target, let host):
      isCurrent(generation, target, host: host, spi: nil)
    }
  }

  private func isCurrent(
    _ generation: UInt64, _ target: CIDR, host name: String?, spi: SPI?
  ) -> Bool {
    let host = name.flatMap { hosts.named($0)?.index }
    if name != nil, host == nil { return true }
    let key = Revocation.Key(target: target, host: host)
    if revocations[key]?.generation == generation { return true }
    // Of a prefix only the revocation is an object; nobody looks through all entries under it.
    guard target.prefixLength == 32 else { return false }
    return validations.rows(coveredBy: key).contains { row in
      (spi == nil || row.entry.spiIn == spi)
        && (row.generation == generation || row.peerGeneration == generation)
    }
  }
}
