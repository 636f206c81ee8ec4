internal import Net
internal import PAP

/// What the router knows about one inside host, besides its leases and entries.
struct Host: Sendable {
  let index: HostIndex
  let identity: HostIdentity
  /// Since when an operator has suspended the host (monotonic nanoseconds); nil if none has.
  var suspendedSince: UInt64?
  var sessions = Sessions()
  /// Requests in a session.
  ///
  /// Hellos have a limit of their own, since a stranger can send old ones.
  var requests: RateLimit
  var hellos: RateLimit
  /// Refusals of messages that may not be the host's.
  var refusals: RateLimit
  /// When the host last said something new, and from where.
  var lastHeard: Instant?
  var contact: Contact?
  /// What it is still to be told.
  var withdrawals = Withdrawals()
  var announcementsLeft = 0
  /// The last request that was acted on without a session, and its answer: `Authentication.none`.
  var lastExchange: Exchange?
  /// What the host has sent of a `synchronize` whose last part has not come yet.
  var unfinishedSet: UnfinishedSet?
  /// Until when no complaint about messages that were not authenticated is logged.
  var quietUntil: UInt64 = 0

  var name: String { identity.name }
  var isSuspended: Bool { suspendedSince != nil }

  init(index: HostIndex, identity: HostIdentity, limits: RouterPolicy.Limits) {
    self.index = index
    self.identity = identity
    requests = RateLimit(perSecond: limits.requestsPerSecond)
    hellos = RateLimit(perSecond: limits.requestsPerSecond)
    refusals = RateLimit(perSecond: limits.requestsPerSecond)
  }

  /// The host's key of that number.
  func key(_ id: UInt32) -> SecretKey? { identity.keys.first { $0.id == id }?.secret }
}

/// A request without a session, its answer, and how long (monotonic nanoseconds) it counts as the
/// same request if it comes again.
struct Exchange: Sendable {
  let request: [UInt8]
  let response: [UInt8]
  let expires: UInt64
}

/// The hosts of the configuration, found by number, name, key and inside address.
struct Hosts: Sendable {
  private(set) var all: [Host]
  private var byName: [String: HostIndex] = [:]
  private var byKeyID: [UInt32: HostIndex] = [:]
  private var byAddress: [IPv4Address: HostIndex] = [:]

  /// - Precondition: at most 65,535 hosts.
  init(_ policy: RouterPolicy) {
    precondition(policy.hosts.count <= Int(UInt16.max), "a host's number has 16 bits")
    all = policy.hosts.enumerated().map { place, identity in
      let index = HostIndex(rawValue: UInt16(place + 1))
      return Host(index: index, identity: identity, limits: policy.limits)
    }
    for host in all {
      byName[host.name] = host.index
      byAddress[host.identity.insideAddress] = host.index
      for key in host.identity.keys { byKeyID[key.id] = host.index }
    }
  }

  /// The host of that number, which must be one of `all`.
  subscript(index: HostIndex) -> Host {
    get { all[Int(index.rawValue) - 1] }
    _modify { yield &all[Int(index.rawValue) - 1] }
  }

  /// The host of that name.
  func named(_ name: String) -> Host? { byName[name].map { self[$0] } }

  /// The host with a key of that number.
  func withKey(_ id: UInt32) -> HostIndex? { byKeyID[id] }

  /// The host with that inside address.
  func at(_ address: IPv4Address) -> HostIndex? { byAddress[address] }

  /// Forgets pending sessions and unfinished sets whose time is over.
  mutating func expirePending(at moment: UInt64) {
    for place in all.indices {
      if !all[place].sessions.pending.isEmpty { all[place].sessions.expire(at: moment) }
      if let set = all[place].unfinishedSet, set.expires <= moment {
        all[place].unfinishedSet = nil
      }
    }
  }
}
