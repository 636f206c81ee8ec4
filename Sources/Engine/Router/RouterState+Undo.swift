internal import PAP

// Undoing what operators have ordered: by their wish, or because nobody has kept it.

extension RouterState {
  /// Whether undoing the action would only take something away; nil if it cannot be undone any more.
  package func undoingCutsOff(_ number: ActionNumber) -> Bool? { actions[number]?.undoingCutsOff }

  /// Seconds for which the action can still be undone; nil if it cannot.
  package func undoSeconds(left number: ActionNumber, now: Instant) -> UInt32? {
    actions[number].map { now.monotonic.seconds(until: $0.until) }
  }

  /// What the action is, for people; nil if it cannot be undone any more.
  package func title(of number: ActionNumber) -> String? { actions[number]?.title }

  /// Whether something is provisional that ends with the connection.
  package func hasProvisional(on connection: UInt64) -> Bool {
    actions.hasProvisional && !actions.provisional(for: connection).isEmpty
  }

  /// Undoes what the actor has ordered, or says why not.
  mutating func undo(_ number: ActionNumber, by actor: AuditActor, now: Instant) {
    do throws(CommandError) {
      let action = try find(number, of: actor)
      let result = undo(action, verb: "undid", now: now)
      emit(.outcome(.success(result)))
    } catch {
      emit(.outcome(.failure(error)))
    }
  }

  /// Lets hold what the actor has ordered provisionally.
  mutating func keep(_ number: ActionNumber, by actor: AuditActor, now: Instant) {
    do throws(CommandError) {
      let action = try find(number, of: actor)
      let isProvisional = action.provisionalUntil != nil
      actions.keep(number)
      var result = CommandResult(
        message: isProvisional ? "kept: \(action.title)" : "\(action.title) holds already",
        entries: 0, before: isProvisional ? "provisional" : "kept", after: "kept")
      result.action = number
      emit(.outcome(.success(result)))
    } catch {
      emit(.outcome(.failure(error)))
    }
  }

  private func find(
    _ number: ActionNumber, of actor: AuditActor
  ) throws(CommandError) -> Action {
    guard let action = actions[number] else {
      throw CommandError(
        .notFound,
        "action \(number.rawValue) cannot be undone or kept any more: it was undone, is older than "
          + "\(ActionLog.patience / 60) minutes, was too long ago for what the router remembers, or "
          + "the engine has been restarted")
    }
    guard action.actor.isSameUser(as: actor) else {
      throw CommandError(
        .notPermitted, "\(action.title) was ordered by \(action.actor.name), who alone can undo it")
    }
    return action
  }

  /// Rolls back what nobody has kept in time.
  mutating func rollBackDue(_ now: Instant) {
    while let number = actions.nextDue(at: now.monotonic) { rollBack(number, now: now) }
  }

  /// Rolls back what was to last no longer than a connection.
  mutating func rollBack(endedWith connection: UInt64, now: Instant) {
    // The newest first, so that each finds what it left behind.
    for number in actions.provisional(for: connection).reversed() { rollBack(number, now: now) }
  }

  private mutating func rollBack(_ number: ActionNumber, now: Instant) {
    guard let action = actions[number] else { return }
    let result = undo(action, verb: "rolled back", now: now)
    log(.warning, "\(action.actor.signature): \(result.message)")
    emit(
      .rolledBack(
        RollBack(action: number, actor: action.actor, title: action.title, result: result)))
  }

  private mutating func undo(_ action: Action, verb: String, now: Instant) -> CommandResult {
    _ = actions.remove(action.number)
    var tally = UndoTally()
    tally.lose(.forgotten, action.forgotten)
    for change in action.changes.reversed() { undo(change, of: action, &tally, now: now) }
    return CommandResult(
      message: "\(verb) \(action.title): \(tally.words)", entries: tally.entries,
      before: action.title, after: tally.words)
  }

  private mutating func undo(
    _ change: Change, of action: Action, _ tally: inout UndoTally, now: Instant
  ) {
    touches.note(Touch(by: action.actor.signature, at: now), of: change.touched { hosts[$0].name })
    switch change {
    case .removed(let row): restore(row, &tally, now: now)
    case .validated(let before, let after): undo(before, after, &tally, now: now)
    case .revoked(let before, let after): undo(before, after, &tally, now: now)
    case .lifted(let revocation): revokeAgain(revocation, &tally, now: now)
    case .suspension(let host, let before, let after):
      if undo(host, before, after, &tally, now: now) {
        // What went before that stands still, or has stood still, as long as what stayed.
        let end = before.since == nil ? now.monotonic : min(action.since, now.monotonic)
        let start = before.since ?? after.since ?? end
        tally.shift(host, by: end - min(start, end))
      }
    }
  }
}

// MARK: Entries

extension RouterState {
  /// Brings an entry back that was removed, if it could still be there.
  private mutating func restore(_ row: Validation, _ tally: inout UndoTally, now: Instant) {
    if validations[row.key] != nil { return tally.meet() }
    let row = row.shifted(by: tally.shifts[row.host])
    if let loss = loss(of: row, now: now) { return tally.lose(loss) }
    let id = validations.insert(
      row.entry, host: row.host, origin: row.origin, created: row.created, expires: row.expires,
      generation: row.generation, peerGeneration: row.peerGeneration)
    if row.origin == .host, hosts[row.host].isSuspended { validations.pause(id) }
    change(.insertEntry(id, row.host, row.entry))
    tally.restore()
  }

  /// Why an entry cannot come back, or nil.
  private func loss(of row: Validation, now: Instant) -> UndoTally.Loss? {
    guard hosts[row.host].isKnown else { return .hostGone }
    guard policy.accepts(row.entry.address) else { return .unacceptable }
    guard holds(row.host, row.entry.spiIn) else { return .leaseEnded }
    guard revocations.covering(row.entry.address, host: row.host) == nil else { return .revoked }
    let clock = row.origin == .host ? hosts[row.host].suspendedSince : nil
    guard (row.expires ?? .max) > clock ?? now.monotonic else { return .timeOver }
    guard validations.count(of: row.host) < policy.limits.entries, validations.hasRoom else {
      return .noRoom
    }
    return nil
  }

  /// Takes back a validation of an operator's.
  private mutating func undo(
    _ before: Validation?, _ after: Validation, _ tally: inout UndoTally, now: Instant
  ) {
    let what = "\(after.entry.label) of \(hosts[after.host].name)"
    guard let row = validations[after.key] else { return tally.miss(what) }
    guard row.generation == after.generation else { return tally.leave(what) }
    guard let before = before?.shifted(by: tally.shifts[after.host]) else {
      withdrawEntry(row, reason: Reason.undone, now: now)
      return tally.removed += 1
    }
    validations.renew(
      row.id, origin: before.origin, expires: before.expires, generation: before.generation)
    if before.origin == .host, hosts[row.host].isSuspended { validations.pause(row.id) }
    tally.undo("\(before.entry.label) has the lifetime that it had")
  }
}

// MARK: Revocations

extension RouterState {
  /// Lifts a revocation, or makes it the one that it has replaced.
  private mutating func undo(
    _ before: Revocation?, _ after: Revocation, _ tally: inout UndoTally, now: Instant
  ) {
    let what = "the revocation of \(named(after.key.target))"
    guard let present = revocations[after.key] else { return tally.miss(what) }
    guard present.generation == after.generation else { return tally.leave(what) }
    guard let before, (before.expires ?? .max) > now.monotonic else {
      endRevocation(after.key)
      return tally.undo("\(what) is lifted")
    }
    revocations.set(before)
    tally.undo("\(what) is as it was")
  }

  /// Puts a revocation back that was lifted; what was validated meanwhile goes.
  ///
  /// One for a host that is not configured any more, too: it is kept for the day it comes back.
  private mutating func revokeAgain(
    _ revocation: Revocation, _ tally: inout UndoTally, now: Instant
  ) {
    let what = "the revocation of \(named(revocation.key.target))"
    guard revocations[revocation.key] == nil else { return tally.leave(what) }
    guard (revocation.expires ?? .max) > now.monotonic else {
      return tally.undo("\(what) would be over by now")
    }
    guard revocations.count < policy.revocationCapacity else {
      return tally.undo("no room for \(what)")
    }
    revocations.set(revocation)
    change(.insertRevocation(revocation.key.target, revocation.key.host))
    for row in validations.rows(coveredBy: revocation.key).reversed() {
      withdrawEntry(row, reason: revocation.reason ?? Reason.revoked, now: now)
      tally.removed += 1
    }
    tally.undo("\(what) holds again")
  }
}

// MARK: Hosts

extension RouterState {
  /// Lets a host go on that was suspended, or suspends it again.
  ///
  /// False if it is left alone, or is not configured any more: then no time has stood still.
  private mutating func undo(
    _ host: HostIndex, _ before: Change.Suspension, _ after: Change.Suspension,
    _ tally: inout UndoTally, now: Instant
  ) -> Bool {
    let name = hosts[host].name
    let present = suspension(of: host)
    let isSame =
      present.generation == after.generation
      && (present.since == nil) == (after.since == nil)
    guard isSame else {
      tally.leave(name)
      return false
    }
    tally.undo(before.since == nil ? "\(name) goes on" : "\(name) is suspended again")
    hosts[host].generation = before.generation
    guard hosts[host].isKnown else {
      // The one thing that is left of it, for the day it comes back.
      hosts[host].suspendedSince = before.since.map { _ in now.monotonic }
      touchedHosts.add(host)
      return false
    }
    if before.since == nil { resume(host, now: now) } else { suspend(host, now: now) }
    return true
  }
}

extension Validation {
  /// The row with a later end, if it is one of those whose time stands still with their host's.
  fileprivate func shifted(by nanoseconds: UInt64?) -> Validation {
    guard origin == .host, let nanoseconds, let expires else { return self }
    var row = self
    row.expires =
      expires.addingReportingOverflow(nanoseconds).overflow ? .max : expires + nanoseconds
    return row
  }
}
