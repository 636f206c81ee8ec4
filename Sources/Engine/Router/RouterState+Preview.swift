internal import PAP

// What orders of several commands would do, for a confirmation.

extension RouterState {
  /// Who acted last on what a command names, if that is known.
  func lastTouch(by command: OperatorCommand) -> Touch? {
    if let touch = touches[command.touched] { return touch }
    switch command {
    case .revoke(let target, let name, _, _, _), .unrevoke(let target, let name):
      let host = name.flatMap { hosts.named($0)?.index }
      guard name == nil || host != nil else { return nil }
      return revocations[Revocation.Key(target: target, host: host)].map {
        Touch(by: $0.by, at: $0.created)
      }
    case .validate, .invalidate, .suspend, .resume: return nil
    }
  }

  /// What an order would do if it were given now: each entry counts once.
  ///
  /// Throws what the first command would be refused with if none could be carried out.
  package func preview(_ order: Order, now: Instant) throws(CommandError) -> CommandPreview {
    var sum = OrderPreview()
    var reachesAll = false
    for item in order.items.sorted(by: { $0.command.width < $1.command.width }) {
      if let generation = item.generation, !isCurrent(generation, for: item.command) {
        sum.leftOut += 1
        continue
      }
      do throws(CommandError) {
        sum.add(item.command, lastTouch(by: item.command))
        let plan = try plan(item.command, now: now)
        if sum.isNews(plan) { sum.add(self.rows(of: plan), reaching(plan)) }
        if case .unrevoke(let revocation) = plan, revocation.key.host == nil { reachesAll = true }
      } catch {
        sum.refuse(error)
      }
    }
    if let refusal = sum.refusal, sum.refused == order.items.count { throw refusal }
    let reached = hosts.all.filter { reachesAll || sum.hosts.contains($0.index) }.map(\.name)
    return CommandPreview(
      message: sum.message(hosts: reached.count), entries: sum.rows.values.map(view),
      hosts: reached, leftOut: sum.leftOut, touch: sum.touch)
  }

  /// Hosts that a plan concerns whether they have entries or not, if it is not about every host.
  private func reaching(_ plan: CommandPlan) -> [HostIndex] {
    switch plan {
    case .insert(_, let host, _), .suspend(let host), .resume(let host): [host]
    case .unrevoke(let revocation): revocation.key.host.map { [$0] } ?? []
    case .renew, .invalidate, .revoke: []
    }
  }
}

/// What the commands of an order come to together.
private struct OrderPreview {
  var leftOut = 0
  private(set) var rows: [EntryID: Validation] = [:]
  private(set) var hosts: Set<HostIndex> = []
  private(set) var touch: Touch?
  private(set) var refusal: CommandError?
  private(set) var refused = 0
  private var commands: [String: Int] = [:]
  // What was looked at already: what lies in it need not be looked at again.
  private var revoked = Revocations()
  private var handled: Set<HostIndex> = []

  mutating func add(_ command: OperatorCommand, _ touch: Touch?) {
    commands[command.action, default: 0] += 1
    guard let touch else { return }
    if touch.at.monotonic >= self.touch?.at.monotonic ?? 0 { self.touch = touch }
  }

  mutating func refuse(_ error: CommandError) {
    refused += 1
    refusal = refusal ?? error
  }

  /// Whether the entries of the plan are not known to be among those so far.
  mutating func isNews(_ plan: CommandPlan) -> Bool {
    switch plan {
    case .revoke(let revocation, _):
      if revoked.covering(revocation.key.target, host: revocation.key.host) != nil { return false }
      revoked.set(revocation)
      return true
    case .suspend(let host), .resume(let host): return handled.insert(host).inserted
    case .insert, .renew, .invalidate, .unrevoke: return true
    }
  }

  mutating func add(_ more: [Validation], _ reached: [HostIndex]) {
    for row in more {
      rows[row.id] = row
      hosts.insert(row.host)
    }
    hosts.formUnion(reached)
  }

  func message(hosts: Int) -> String {
    let verbs = commands.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    let entries = counted(rows.count, "entry", "entries")
    var parts = [
      "this would \(verbs.joined(separator: ", ")): "
        + "\(entries) of \(counted(hosts, "host", "hosts")) concerned"
    ]
    if leftOut > 0 { parts.append("\(leftOut) left out, changed meanwhile") }
    if let refusal { parts.append("\(refused) would be refused: \(refusal.message)") }
    return parts.joined(separator: "; ")
  }
}

extension OperatorCommand {
  /// The wider a revocation, the sooner it is looked at.
  fileprivate var width: Int {
    if case .revoke(let target, _, _, _, _) = self { target.prefixLength } else { 33 }
  }
}
