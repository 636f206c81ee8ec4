internal import Net
internal import PAP

/// What the router knows about one inside host, besides its leases and entries.
struct Host: Sendable {
  let index: HostIndex
  var identity: HostIdentity
  /// Whether the configuration names the host; of one that it names no longer, nothing is left but
  /// its number and whether it is suspended.
  var isKnown = true
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
  /// Another one each time that somebody suspends or resumes the host, or moves it; 0 if nobody has.
  var generation: UInt64 = 0

  var name: String { identity.name }
  var isSuspended: Bool { suspendedSince != nil }

  init(index: HostIndex, identity: HostIdentity, limits: RouterPolicy.Limits) {
    self.index = index
    self.identity = identity
    requests = RateLimit(perSecond: limits.requestsPerSecond)
    hellos = RateLimit(perSecond: limits.requestsPerSecond)
    refusals = RateLimit(perSecond: limits.requestsPerSecond)
  }

  /// Gives the host other limits; the count begins anew.
  mutating func limit(_ limits: RouterPolicy.Limits) {
    requests = RateLimit(perSecond: limits.requestsPerSecond)
    hellos = requests
    refusals = requests
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
///
/// A number is never another host's: one that goes and comes back under its name has its own again.
struct Hosts: Sendable {
  /// Every host there has been, in the order of their numbers.
  private var rows: [Host] = []
  /// The hosts that the configuration names, in its order.
  private var order: [HostIndex] = []
  /// The number of each name there has been.
  private var numbers: [String: HostIndex] = [:]
  private var byKeyID: [UInt32: HostIndex] = [:]
  private var byAddress: [IPv4Address: HostIndex] = [:]

  /// Gives the hosts numbers in their order.
  ///
  /// - Precondition: at most 65,535 hosts.
  init(_ policy: RouterPolicy) {
    set(policy)
  }

  /// The hosts that the configuration names, in its order.
  var all: some RandomAccessCollection<Host> {
    order.lazy.map { [rows] in rows[Int($0.rawValue) - 1] }
  }

  /// The host of that number, which must have been given out.
  subscript(index: HostIndex) -> Host {
    get { rows[Int(index.rawValue) - 1] }
    _modify { yield &rows[Int(index.rawValue) - 1] }
  }

  /// The host of that name, if the configuration names it.
  func named(_ name: String) -> Host? {
    numbers[name].map { self[$0] }.flatMap { $0.isKnown ? $0 : nil }
  }

  /// The name that the number was given to, or nil.
  func name(_ number: UInt16) -> String? {
    (1...rows.count).contains(Int(number)) ? rows[Int(number) - 1].name : nil
  }

  /// The names of a policy's hosts that have no number yet, with those that `set` would give them;
  /// nil if there are not so many.
  func newcomers(in policy: RouterPolicy) -> [(name: String, index: HostIndex)]? {
    let names = policy.hosts.map(\.name).filter { numbers[$0] == nil }
    guard rows.count + names.count <= Int(UInt16.max) else { return nil }
    return names.enumerated().map { place, name in
      (name, HostIndex(rawValue: UInt16(rows.count + place + 1)))
    }
  }

  /// Makes the hosts of a policy the known ones; those that have a number keep it.
  ///
  /// - Precondition: there are numbers for all, and who leaves has been retired.
  mutating func set(_ policy: RouterPolicy) {
    let limits = policy.limits
    order = policy.hosts.map { identity in
      guard let index = numbers[identity.name] else { return add(identity, limits) }
      self[index].identity = identity
      self[index].isKnown = true
      return index
    }
    byKeyID = [:]
    byAddress = [:]
    for host in all {
      byAddress[host.identity.insideAddress] = host.index
      for key in host.identity.keys { byKeyID[key.id] = host.index }
    }
  }

  private mutating func add(_ identity: HostIdentity, _ limits: RouterPolicy.Limits) -> HostIndex {
    precondition(rows.count < Int(UInt16.max), "a host's number has 16 bits")
    let index = HostIndex(rawValue: UInt16(rows.count + 1))
    rows.append(Host(index: index, identity: identity, limits: limits))
    numbers[identity.name] = index
    return index
  }

  /// Gives every host these limits.
  mutating func limit(_ limits: RouterPolicy.Limits) {
    for place in rows.indices { rows[place].limit(limits) }
  }

  /// The host with a key of that number.
  func withKey(_ id: UInt32) -> HostIndex? { byKeyID[id] }

  /// The host with that inside address.
  func at(_ address: IPv4Address) -> HostIndex? { byAddress[address] }

  /// Forgets pending sessions and unfinished sets whose time is over.
  mutating func expirePending(at moment: UInt64) {
    for place in rows.indices {
      if !rows[place].sessions.pending.isEmpty { rows[place].sessions.expire(at: moment) }
      if let set = rows[place].unfinishedSet, set.expires <= moment {
        rows[place].unfinishedSet = nil
      }
    }
  }
}
