internal import PAP

/// Who may have what: hosts, leases, validated addresses, revocations, sessions.
///
/// The pure core of the router (design.md, section 4). `step` takes what happened and answers with
/// what is to be done about it; nothing in here does I/O, reads a clock, or draws randomness but from
/// the generator that it was given. So the same events always have the same effects, and a test can
/// drive it through years in seconds.
///
/// The effects of a step are to be carried out, and every worker past the changes of the table, before
/// the next step: the numbers of removed entries are given out again from then on.
package struct RouterState: Sendable {
  /// What the configuration allows.
  package internal(set) var policy: RouterPolicy
  /// The state's number, never 0; another one means that leases or validations were lost
  /// (pap.md, section 3).
  package let epoch: UInt32
  /// What came in over PAP, and how it was received.
  package internal(set) var counters = PAPCounters()

  var hosts: Hosts
  var slots = SlotLeases()
  var claims = ClaimedSPIs()
  var ports: PortLeases
  var validations: Validations
  var revocations = Revocations()
  var random: SeededRandom
  /// Refusals to those who are no hosts.
  var strangers: StrangerLimits
  /// When hosts are to be sent a notice or an announcement (again).
  var notices = DeadlineQueue<HostIndex>()
  var announcements = DeadlineQueue<HostIndex>()
  /// The number of the last message that the router sent of itself.
  var lastTransactionID: UInt32 = 0
  /// The number of the last thing that was taken from a host.
  var lastWithdrawal: UInt64 = 0
  /// Until when no complaint about strangers is logged.
  var quietUntil: UInt64 = 0
  /// The order of which entries are still to be removed that it has cut off.
  var unfinished: OrderRun?
  /// What operators have done lately, and can undo.
  var actions = ActionLog()
  /// What was provisional when the state was stored, until all of it is loaded.
  var storedActions = StoredActions()
  /// Who acted on what.
  var touches = Touches()
  var generations = Generations()
  /// Hosts of which the store keeps something else than before.
  var touchedHosts = TouchList<HostIndex>()
  /// Hosts that are to be told something else than before.
  var touchedWithdrawals = TouchList<HostIndex>()
  private var effects: [Effect] = []

  /// Makes a state without leases and entries.
  ///
  /// Apply `tableContents` to an empty forwarding table before the first step.
  ///
  /// - Parameters:
  ///   - policy: At most 65,535 hosts, and a port block of a size that a block can have.
  ///   - epoch: A random number, not 0.
  ///   - random: Seeded with real randomness, or in a test with a number.
  package init(policy: RouterPolicy, epoch: UInt32, random: SeededRandom) {
    precondition(epoch != 0, "epoch 0 means that a host has seen none")
    precondition(
      PortBlock(first: 0, count: policy.portBlock) != nil, "no block can have so many ports")
    self.policy = policy
    self.epoch = epoch
    self.random = random
    hosts = Hosts(policy)
    strangers = StrangerLimits(perSecond: policy.limits.requestsPerSecond)
    ports = PortLeases(ordinary: policy.portBlock, hostCount: policy.hosts.count)
    validations = Validations(capacity: policy.entryCapacity)
  }

  /// Numbers the versions of objects from a moment of the wall clock on (nanoseconds since 1970), so
  /// that they are others than in an earlier run.
  ///
  /// To be called before anything is restored.
  package mutating func beginGenerations(at wallClock: UInt64) {
    generations.begin(at: wallClock)
  }

  /// What an empty forwarding table needs to become that of this state.
  package var tableContents: [TableChange] {
    let known = hosts.all.map(\.tableRow)
    let slotRows = hosts.all.compactMap { host in
      slots.slot(of: host.index).map { TableChange.setSlot($0, host.index) }
    }
    let claimRows = hosts.all.flatMap { host in
      claims.spis(of: host.index).map { TableChange.setClaim($0, host.index) }
    }
    let portRows = hosts.all.compactMap { host in
      ports.block(of: host.index).map { TableChange.setPorts($0, host.index) }
    }
    let revoked = revocations.all.map { TableChange.insertRevocation($0.key.target, $0.key.host) }
    let entries = validations.all.map { TableChange.insertEntry($0.id, $0.host, $0.entry) }
    return known + slotRows + claimRows + portRows + revoked + entries
  }

  /// The next moment (monotonic nanoseconds) at which a lease, an entry, a revocation or a
  /// quarantine ends, or a host is to be told something; nil if none will.
  ///
  /// A `tick` then, or soon after, lets it happen.
  package var nextDeadline: UInt64? {
    [
      slots.terms.nextDeadline, slots.quarantine.nextDeadline, claims.terms.nextDeadline,
      claims.quarantine.nextDeadline, ports.terms.nextDeadline, ports.quarantine.nextDeadline,
      validations.nextDeadline, revocations.nextDeadline, notices.next, announcements.next,
      actions.nextDeadline,
    ].compactMap { $0 }.min()
  }

  /// Takes one event and answers with its effects.
  ///
  /// Time must not go back from step to step.
  package mutating func step(_ event: Event, now: Instant) -> [Effect] {
    step([event], now: now)
  }

  /// Takes events that came at once and answers with the effects of all, so that the workers have to
  /// be waited for only once.
  ///
  /// If `isUnfinished` afterwards, `finish` is to be called once the effects are carried out.
  package mutating func step(_ events: [Event], now: Instant) -> [Effect] {
    validations.reuseRetired()
    settle(now: now)
    expire(now)
    for event in events {
      settle(now: now)
      take(event, now: now)
    }
    if !isUnfinished { sendDue(now) }
    return takeEffects()
  }

  /// Whether the last step has left something to do, because its effects could not wait for it: the
  /// entries of a prefix are cut off by the revocation before they are removed.
  package var isUnfinished: Bool { unfinished != nil }

  /// Does what the last step left to do.
  ///
  /// If it is not called, the next step begins with it.
  package mutating func finish(now: Instant) -> [Effect] {
    settle(now: now)
    sendDue(now)
    return takeEffects()
  }

  private mutating func takeEffects() -> [Effect] {
    emitStoreChanges()
    defer { effects = [] }
    return effects
  }

  private mutating func take(_ event: Event, now: Instant) {
    switch event {
    case .datagram(let bytes, let source, let local):
      receive(PAPDatagram(bytes: bytes, source: source, local: local), now: now)
    case .order(let order):
      carryOut(order, now: now)
    case .undo(let number, let actor):
      undo(number, by: actor, now: now)
    case .keep(let number, let actor):
      keep(number, by: actor, now: now)
    case .hangUp(let connection):
      rollBack(endedWith: connection, now: now)
    case .restarted(let contacts):
      beginAnnouncing(to: contacts, now: now)
    case .reload(let policy):
      reload(policy, now: now)
    case .tick:
      hosts.expirePending(at: now.monotonic)
    }
  }

  /// Adds an effect to those of this step.
  mutating func emit(_ effect: Effect) {
    effects.append(effect)
  }

  /// Adds a change of the forwarding table to the effects of this step.
  mutating func change(_ change: TableChange) {
    emit(.table(change))
  }

  /// Adds a line for the log to the effects of this step.
  mutating func log(_ level: LogLine.Level, _ text: String) {
    emit(.log(LogLine(level, text)))
  }
}

extension Host {
  /// What the forwarding table knows about the host.
  var tableRow: TableChange {
    .setHost(index, insideAddress: identity.insideAddress, suspended: isSuspended)
  }
}
