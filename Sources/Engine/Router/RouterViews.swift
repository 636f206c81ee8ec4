package import Net
package import PAP

// What others may read: values, made while they are iterated over. Deadlines are monotonic
// nanoseconds; `Instant.wallClock(at:)` turns them into times for people.

/// A row of the established SA table.
package struct EntryView: Hashable, Sendable {
  /// Names the row's counters.
  package let id: EntryID
  package let hostIndex: HostIndex
  package let host: String
  package let entry: Entry
  package let origin: EntryOrigin
  package let created: Instant
  /// When the row ends if nobody renews anything; nil where it ends with the host's lease, by an
  /// operator's word.
  package let expires: UInt64?
  /// Another one for each version of the row that somebody has made.
  package let generation: UInt64
  /// The same for the address as a peer.
  package let peerGeneration: UInt64
}

/// An inside host.
package struct HostView: Hashable, Sendable {
  /// Whether the host is there.
  package enum State: String, Sendable {
    case active
    case suspended
    /// It has no session.
    case silent
  }

  package let index: HostIndex
  package let name: String
  /// The number of its key, 0 if it has none.
  package let keyID: UInt32
  package let insideAddress: IPv4Address
  package let state: State
  package let slot: Slot?
  /// When the lease of SPIs ends.
  package let slotExpires: UInt64?
  package let ports: PortBlock?
  /// When the lease of ports ends.
  package let portsExpire: UInt64?
  /// Its rows in the established SA table.
  package let entries: Int
  /// Different inbound SPIs among them.
  package let spisInUse: Int
  /// SPIs that it claimed one by one.
  package let spisClaimed: Int
  /// When it last said something new over PAP, and from where.
  package let lastHeard: Instant?
  package let endpoint: Endpoint?
  /// Another one each time that somebody suspends or resumes the host, or moves it.
  package let generation: UInt64
}

/// A stretch of ports that are of one use.
package struct PortsView: Hashable, Sendable {
  /// What they are to the hosts.
  package enum State: String, Sendable {
    case leased
    /// Kept for a while for the host that had them.
    case quarantined
    /// Well-known ports and the block of port 4500, which nobody gets.
    case reserved
    case free
  }

  package let first: UInt16
  package let count: Int
  package let state: State
  /// Who has them, or had them last.
  package let host: String?
  /// When they were leased; nil if that was before the engine started.
  package let since: Instant?
  /// When the lease ends, or the quarantine (monotonic nanoseconds).
  package let ends: UInt64?
}

/// A revocation in force.
package struct RevocationView: Hashable, Sendable {
  package let target: CIDR
  /// The host that it holds for, or nil for every host.
  package let host: String?
  package let by: String
  package let reason: String?
  package let created: Instant
  package let expires: UInt64?
  /// Another one for each version of it.
  package let generation: UInt64
}

// `view` is called, never passed on: as a value it would hold a copy of the whole state.
extension RouterState {
  /// The established SA table, in no order that means anything.
  package var entries: some Sequence<EntryView> { validations.all.lazy.map(view) }

  /// The rows of one host, by name.
  package func entries(ofHost name: String) -> [EntryView] {
    hosts.named(name).map { validations.rows(of: $0.index).map { view($0) } } ?? []
  }

  /// The rows of one address.
  package func entries(for address: IPv4Address) -> [EntryView] {
    validations.rows(for: address).map { view($0) }
  }

  /// The row of that number.
  package func entry(_ id: EntryID) -> EntryView? {
    validations[id].map { view($0) }
  }

  /// Above every number that an entry has.
  var entryNumberLimit: Int { validations.numberLimit }

  /// How many different addresses have entries.
  var addressCount: Int { validations.addressCount }

  /// The first prefix of 16 bits from an address on that holds addresses with entries.
  func nextPrefix(from address: IPv4Address) -> CIDR? { validations.nextPrefix(from: address) }

  /// The addresses with entries in a prefix, in order.
  func addresses(in prefix: CIDR) -> [IPv4Address] { validations.addresses(in: prefix) }

  /// The hosts, in the order of the configuration.
  package var hostViews: some Sequence<HostView> { hosts.all.lazy.map(view) }

  /// The numbers of the hosts, in the order of the configuration.
  package var hostIndexes: some Sequence<HostIndex> { hosts.all.lazy.map(\.index) }

  /// Whether no host at all may have the address validated.
  package func isRevoked(_ address: IPv4Address) -> Bool {
    revocations.covering(CIDR(address), host: nil) != nil
  }

  /// The host of that name.
  package func hostView(named name: String) -> HostView? { hosts.named(name).map { view($0) } }

  /// The name of a host of which the data path knows the number; nil for a number that no host has.
  package func hostName(_ number: UInt16) -> String? {
    hosts.name(number)
  }

  /// The revocations, oldest first.
  ///
  /// Without those for hosts that are not configured any more: they hold again when the host is back.
  package var revocationViews: [RevocationView] {
    revocations.all.filter(isShown).map { revocation in
      RevocationView(
        target: revocation.key.target, host: revocation.key.host.map { hosts[$0].name },
        by: revocation.by, reason: revocation.reason, created: revocation.created,
        expires: revocation.expires, generation: revocation.generation)
    }
  }

  /// All 65,536 ports in their order.
  package var portViews: [PortsView] {
    ports.map.map { stretch in
      switch stretch.use {
      case .leased(let host):
        PortsView(
          first: stretch.first, count: stretch.count, state: .leased, host: hosts[host].name,
          since: ports.leaseBegan(of: host), ends: ports.terms.end(of: host))
      case .quarantined(let host, let end):
        PortsView(
          first: stretch.first, count: stretch.count, state: .quarantined,
          host: host.map { hosts[$0].name }, since: nil, ends: end)
      case .reserved, .free:
        PortsView(
          first: stretch.first, count: stretch.count,
          state: stretch.use == .free ? .free : .reserved, host: nil, since: nil, ends: nil)
      }
    }
  }

  /// The SPIs that a host has claimed one by one, in their order.
  package func claimedSPIs(ofHost name: String) -> [SPI] {
    hosts.named(name).map { claims.spis(of: $0.index).sorted() } ?? []
  }

  /// What is used up, in words: of each host, and of the router.
  package var reachedLimits: [String] {
    var limits: [String] = []
    for host in hosts.all where validations.count(of: host.index) >= policy.limits.entries {
      limits.append("\(host.name) has all of its \(policy.limits.entries) entries")
    }
    if validations.count >= policy.entryCapacity { limits.append("the SA table is full") }
    if revocations.count >= policy.revocationCapacity {
      limits.append("all \(policy.revocationCapacity) revocations are in use")
    }
    if ports.isExhausted { limits.append("no block of ports is left") }
    return limits
  }

  /// Configured hosts.
  package var hostCount: Int { hosts.all.count }
  /// Slots that hosts hold.
  package var slotCount: Int { slots.count }
  /// Rows of the established SA table.
  package var entryCount: Int { validations.count }
  /// Revocations in force.
  package var revocationCount: Int { revocations.count(where: isShown) }

  func view(_ row: Validation) -> EntryView {
    let leaseEnd = row.origin == .host ? leaseEnd(of: row.host, row.entry.spiIn) : nil
    return EntryView(
      id: row.id, hostIndex: row.host, host: hosts[row.host].name, entry: row.entry,
      origin: row.origin, created: row.created, expires: row.expires ?? leaseEnd,
      generation: row.generation, peerGeneration: row.peerGeneration)
  }

  private func isShown(_ revocation: Revocation) -> Bool {
    revocation.key.host.map { hosts[$0].isKnown } ?? true
  }

  private func view(_ host: Host) -> HostView {
    HostView(
      index: host.index, name: host.name, keyID: host.identity.keys.first?.id ?? 0,
      insideAddress: host.identity.insideAddress, state: state(of: host),
      slot: slots.slot(of: host.index), slotExpires: slots.terms.end(of: host.index),
      ports: ports.block(of: host.index), portsExpire: ports.terms.end(of: host.index),
      entries: validations.count(of: host.index),
      spisInUse: validations.spisInUse(by: host.index),
      spisClaimed: claims.spis(of: host.index).count, lastHeard: host.lastHeard,
      endpoint: host.contact?.remote, generation: generation(of: host))
  }

  /// The generation of a host.
  func generation(of host: Host) -> UInt64 { max(host.generation, generations.first) }

  private func state(of host: Host) -> HostView.State {
    if host.isSuspended { return .suspended }
    return host.lastHeard == nil ? .silent : .active
  }
}
