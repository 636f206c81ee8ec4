import PAP

@testable import Engine

// What operators order and take back at once: afterwards the router must be as the model is, which
// knows nothing of it.

extension RouterWalk {
  /// Orders some things, in one of the ways in which they do not last.
  func reconsider() {
    // What is over the limit since the limit has changed does not come back.
    let limit = model.policy.limits.entries
    let counts = Dictionary(grouping: model.rows, by: \.host).mapValues(\.count)
    guard counts.values.allSatisfy({ $0 <= limit }) else { return }
    let items = (0..<Int.random(in: 1...4, using: &random)).map { _ in Order.Item(anyCommand) }
    let before = lab.state.contents
    switch Int.random(in: 0..<4, using: &random) {
    case 0: rollBack(items) { lab.step(.hangUp(1)) }
    case 1: rollBackByRestart(items, before)
    default:
      guard let number = give(items, provision: nil) else { break }
      lab.outcomes(of: .undo(number, by: Self.ana)).forEach { outcome in
        check((try? outcome.get()) != nil, "not undone: \(outcome)")
      }
      note("undone")
    }
    // The time of who was suspended before stands still from now on.
    for (host, since) in model.suspendedSince
    where lab.state.hosts[number(host)].suspendedSince != since {
      model.resume(host, at: lab.now.monotonic)
      model.suspendedSince[host] = lab.now.monotonic
    }
  }

  private static let ana = AuditActor(userID: 1000, name: "ana", source: nil)

  private func give(_ items: [Order.Item], provision: Order.Provision?) -> ActionNumber? {
    let outcomes = lab.give(Order(items, by: Self.ana, provision: provision))
    check(outcomes.count == items.count, "\(outcomes.count) outcomes of \(items.count) commands")
    return outcomes.lazy.compactMap { try? $0.get().action }.first
  }

  private func rollBack(_ items: [Order.Item], _ end: () -> Void) {
    _ = give(items, provision: Order.Provision(seconds: 60, connection: 1))
    check(lab.lossOverRestart == nil, "after a restart: \(lab.lossOverRestart ?? "")")
    end()
    check(!lab.stored.hasActions, "something provisional is left in the store")
    note("rolled back")
  }

  /// The router that is restarted rolls back; the one that goes on does so, too.
  private func rollBackByRestart(_ items: [Order.Item], _ before: [String]) {
    let resumes = items.contains { if case .resume = $0.command { true } else { false } }
    rollBack(items) {
      // Who was suspended before is suspended again now, which shows in its deadlines.
      if !resumes,
        var restarted = lab.stored.restored(
          policy: lab.state.policy, everyHost: lab.everyHost)
      {
        _ = restarted.step(.tick, now: lab.now)
        let after = restarted.contents
        check(
          after.lasting == before.lasting, "a restart has not rolled back: \(after), not \(before)")
        note("rolled back by a restart")
      }
      lab.step(.hangUp(1))
    }
  }

  private var anyCommand: OperatorCommand {
    let host = "host\(anyHost.place)"
    let scope = Bool.random(using: &random) ? host : nil
    let target = Self.prefixes.randomElement(using: &random) ?? Self.prefixes[0]
    switch Int.random(in: 0..<8, using: &random) {
    case 0: return .suspend(host: host)
    case 1: return .resume(host: host)
    case 2: return .invalidate(peer, host: scope)
    case 3: return .unrevoke(target, host: scope)
    case 4:
      let entry = entry(of: anyHost)
      return .validate(
        entry.address, host: host, protocol: entry.ipsecProtocol, spi: entry.spiIn,
        seconds: lifetime)
    default: return .revoke(target, host: scope, seconds: lifetime, by: "ana")
    }
  }
}

extension [String] {
  /// The lines without what a session has to do with: a restarted router has none.
  fileprivate var lasting: [String] {
    map { $0.replacing(" active ", with: " ").replacing(" silent ", with: " ") }
  }
}
