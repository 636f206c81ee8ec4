internal import Logging
internal import Net
internal import PAP

/// Follows charon's security associations, says what the router should hold for them, and ends what
/// the operator withdrew.
///
/// While charon cannot be reached, what was known last stays: its associations go on working in the
/// kernel. The first list after that sets it right.
final class SAWatcher: AssociationWatcher {
  /// Seconds between attempts to reach charon.
  private static let retryInterval = 1.0
  /// Seconds between two lists that make up for events that were lost.
  private static let reconcileInterval = 30.0
  /// Seconds that a list may take.
  private static let listTime = 10.0
  /// Seconds after the start without charon after which it counts as one without associations.
  private static let absenceTime = 60.0
  private static let listEvents = ["list-sa", "list-conn"]

  private let path: String
  private let reactor: Reactor
  let logger: Logger
  /// Whether the router should hold something for peers that are only configured.
  private let looksAhead: Bool
  private let onChange: (Observation) -> Void
  /// Is told what was torn down and should be made again once its peer is admitted.
  let onTeardown: ([Revival]) -> Void
  var client: VICIClient?
  private var set = SASet()
  private var told = Observation()
  /// Peers that charon's configuration names by address.
  private(set) var configured: Set<IPv4Address> = []
  private var isWhole = false
  var isListing = false
  var needsAnotherList = false
  /// What has come of the list under way.
  var listed: [VICIMessage] = []
  private var peersListed: Set<IPv4Address> = []
  /// What waits for the next list.
  var withdrawals: [Withdrawal] = []
  var revivals: [Revival] = []
  private var listTimer: TimerID?
  private var lookTimer: TimerID?
  /// Keeps a failure that goes on from filling the log.
  private var lastFailure: String?
  var labelWarned = false
  /// The settings were written while charon could not be reached.
  var needsReload = false

  /// What charon's own SPIs must lie in; nil while nothing is leased.
  var leases = Leases()
  /// Whether charon answers now.
  private(set) var isConnected = false

  /// Makes a watcher that does nothing before `start`.
  init(
    path: String, looksAhead: Bool, reactor: Reactor, logger: Logger,
    onChange: @escaping (Observation) -> Void, onTeardown: @escaping ([Revival]) -> Void
  ) {
    self.path = path
    self.looksAhead = looksAhead
    self.reactor = reactor
    self.logger = logger
    self.onChange = onChange
    self.onTeardown = onTeardown
  }

  func start() {
    connect()
    reactor.every(Self.reconcileInterval) { [weak self] in self?.list() }
    reactor.after(Self.absenceTime) { [weak self] in
      self?.isWhole = true
      self?.changed()
    }
  }

  func stop() {
    client?.close()
    client = nil
    isConnected = false
  }

  private func connect() {
    do throws(SystemError) {
      client = try VICIClient(
        path: path, events: SAEvent.names + Self.listEvents, reactor: reactor
      ) { [weak self] notice in self?.take(notice) }
    } catch {
      failed("\(error)")
    }
  }

  private func failed(_ reason: String) {
    if reason != lastFailure { logger.info("waiting for charon: \(reason)") }
    lastFailure = reason
    reactor.after(Self.retryInterval) { [weak self] in self?.connect() }
  }

  private func take(_ notice: VICIClient.Notice) {
    switch notice {
    case .ready(let missing): connected(missing: missing)
    case .event("list-sa", let message):
      for (_, ike) in message.sections { check(ike) }
      set.listContinues(SecurityAssociation.readList(message))
      listed.append(message)
    case .event("list-conn", let message): peersListed.formUnion(ConfiguredPeers.read(message))
    case .event(let name, let message): event(name, message)
    case .ended(let reason): disconnected(reason)
    }
  }

  private func connected(missing: [String]) {
    isConnected = true
    lastFailure = nil
    labelWarned = false
    logger.notice("connected to charon")
    if needsReload { reloadSettings() }
    if !missing.isEmpty {
      let names = missing.joined(separator: ", ")
      logger.warning("this charon has no event \(names): changes may be seen late")
    }
    list()
  }

  private func disconnected(_ reason: String) {
    client = nil
    isConnected = false
    isListing = false
    needsAnotherList = false
    // Whatever it held is gone when it comes back.
    withdrawals = []
    revivals = []
    set.listFails()
    if let listTimer { reactor.cancel(listTimer) }
    failed(reason)
  }

  private func event(_ name: String, _ message: VICIMessage) {
    logger.debug("charon: \(name)")
    for (_, ike) in message.sections { check(ike) }
    for event in SAEvent.read(name, message) { set.apply(event, now: .now) }
    changed()
    // An association that moves may be made anew, and not every charon tells of that.
    if name == "ike-update" { list() }
  }

  func list() {
    guard isConnected, !isListing, let client else { return }
    isListing = true
    needsAnotherList = false
    set.listBegins()
    listed = []
    peersListed = []
    listTimer = reactor.after(Self.listTime) { [weak self] in
      guard let self, let client = self.client else { return }
      client.close()
      self.disconnected("charon does not answer")
    }
    client.ask("list-conns") { [weak self] _ in self.map { $0.configured = $0.peersListed } }
    client.ask("list-sas") { [weak self] answer in
      guard answer == nil else {
        self?.listEnded()
        return
      }
      self?.client?.close()
      self?.disconnected("charon cannot list security associations")
    }
  }

  private func listEnded() {
    isListing = false
    isWhole = true
    if let listTimer { reactor.cancel(listTimer) }
    set.listEnds(now: .now)
    // Before what is gone is told: its entries must not be validated again meanwhile.
    tearDown()
    revive()
    changed()
    if needsAnotherList { list() }
  }

  private func changed() {
    let now = Observation(
      entries: set.entries,
      configured: looksAhead ? ConfiguredPeers.entries(configured) : [:], isWhole: isWhole)
    if now != told {
      told = now
      onChange(now)
    }
    if let lookTimer { reactor.cancel(lookTimer) }
    lookTimer = set.nextLook.map { due in
      reactor.after(due.seconds(since: .now)) { [weak self] in self?.list() }
    }
  }
}

extension Moment {
  /// This moment.
  static var now: Moment { Moment(nanoseconds: MonotonicClock.now()) }
}
