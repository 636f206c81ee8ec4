internal import PAP

// Another configuration while the router runs.

extension RouterState {
  /// The hosts of a policy that are new, with the numbers that they will have; nil if there are not
  /// so many numbers left in this run.
  package func newcomers(in policy: RouterPolicy) -> [(name: String, index: HostIndex)]? {
    hosts.newcomers(in: policy)
  }

  /// Goes on under another policy.
  ///
  /// A host that is not in it any more loses everything, and what it held rests in quarantine. Its
  /// suspension and the revocations for it are kept for the day it comes back, as over a restart.
  mutating func reload(_ new: RouterPolicy, now: Instant) {
    let names = Set(new.hosts.map(\.name))
    for host in hosts.all.map(\.index) where !names.contains(hosts[host].name) {
      dismiss(host, now: now)
    }
    for identity in new.hosts {
      guard let host = hosts.named(identity.name) else { continue }
      prepare(host.index, for: identity)
    }
    let before = hosts.all.filter(\.isKnown).map(\.tableRow)
    adopt(new)
    hosts.set(policy)
    ports.hostCount = policy.hosts.count
    let known = Set(before)
    var renewals: [HostIndex: Action.Renewal] = [:]
    for host in hosts.all where !known.contains(host.tableRow) {
      change(host.tableRow)
      let generation = generations.next()
      hosts[host.index].generation = generation
      renewals[host.index] = Action.Renewal(former: host.generation, generation: generation)
    }
    // They are other objects now, but who has suspended them can still take that back.
    actions.follow(renewals)
  }

  /// Takes over what can change while the router runs.
  private mutating func adopt(_ new: RouterPolicy) {
    let formerRate = policy.limits.requestsPerSecond
    policy.hosts = new.hosts
    policy.limits = new.limits
    policy.defaultLifetime = new.defaultLifetime
    policy.spiQuarantine = new.spiQuarantine
    policy.portQuarantine = new.portQuarantine
    guard new.limits.requestsPerSecond != formerRate else { return }
    strangers = StrangerLimits(perSecond: new.limits.requestsPerSecond)
    hosts.limit(new.limits)
  }

  /// Ends everything that a host has, and forgets it but for its number.
  private mutating func dismiss(_ host: HostIndex, now: Instant) {
    let rows = Array(validations.rows(of: host))
    for row in rows { removeEntry(row.id) }
    for spi in claims.spis(of: host) { endClaim(of: spi, now: now) }
    endSlot(of: host, now: now)
    endPorts(of: host, now: now)
    slots.forget(host)
    ports.forget(host)
    silence(host)
    hosts[host].isKnown = false
    hosts[host].lastHeard = nil
    hosts[host].withdrawals.clear()
    touchedWithdrawals.add(host)
    change(.removeHost(host))
    log(
      .info,
      "\(hosts[host].name): not configured any more, "
        + "\(counted(rows.count, "entry", "entries")) removed")
  }

  /// Ends the sessions that a host cannot go on with under another identity.
  ///
  /// One goes on as long as the key that it rests on is one of the host's.
  private mutating func prepare(_ host: HostIndex, for identity: HostIdentity) {
    let former = hosts[host].identity
    // Where it was is not where it is.
    guard former.insideAddress == identity.insideAddress else { return silence(host) }
    let kept = identity.keys.filter { hosts[host].key($0.id) == $0.secret }
    hosts[host].sessions.end(exceptOf: Set(kept.map(\.id)))
  }

  /// Ends every conversation with a host.
  private mutating func silence(_ host: HostIndex) {
    hosts[host].sessions = Sessions()
    hosts[host].lastExchange = nil
    hosts[host].unfinishedSet = nil
    hosts[host].announcementsLeft = 0
    hosts[host].withdrawals.isScheduled = false
    notices.remove(host)
    announcements.remove(host)
    if hosts[host].contact != nil { touchedHosts.add(host) }
    hosts[host].contact = nil
  }
}
