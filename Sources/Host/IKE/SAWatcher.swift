internal import Logging
internal import Net
internal import PAP

/// Follows charon's security associations, and says what the router should hold for them.
///
/// While charon cannot be reached, what was known last stays: its associations go on working in the
/// kernel. The first list after that sets it right.
final class SAWatcher {
  /// Seconds between attempts to reach charon.
  private static let retryInterval = 1.0
  /// Seconds between two lists that make up for events that were lost.
  private static let reconcileInterval = 30.0
  /// Seconds that a list may take.
  private static let listTime = 10.0

  private let path: String
  private let reactor: Reactor
  private let logger: Logger
  private let onChange: ([EntryKey: Entry]) -> Void
  private var client: VICIClient?
  private var set = SASet()
  private var told: [EntryKey: Entry] = [:]
  private var isListing = false
  private var listTimer: TimerID?
  private var lookTimer: TimerID?
  /// Keeps a failure that goes on from filling the log.
  private var lastFailure: String?
  private var labelWarned = false

  /// What charon's own SPIs must lie in; nil while nothing is leased.
  var leases = Leases()
  /// Whether charon answers now.
  private(set) var isConnected = false

  /// Makes a watcher that does nothing before `start`.
  init(
    path: String, reactor: Reactor, logger: Logger,
    onChange: @escaping ([EntryKey: Entry]) -> Void
  ) {
    self.path = path
    self.reactor = reactor
    self.logger = logger
    self.onChange = onChange
  }

  /// Begins to connect, and goes on for ever.
  func start() {
    connect()
    reactor.every(Self.reconcileInterval) { [weak self] in self?.list() }
  }

  /// Leaves charon alone.
  func stop() {
    client?.close()
    client = nil
    isConnected = false
  }

  private func connect() {
    do throws(SystemError) {
      client = try VICIClient(path: path, events: SAEvent.names, reactor: reactor) {
        [weak self] notice in self?.take(notice)
      }
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
    case .event(let name, let message): event(name, message)
    case .listed(let message):
      for (_, ike) in message.sections { check(ike) }
      set.listContinues(SecurityAssociation.readList(message))
    case .listEnded: listEnded()
    case .ended(let reason): disconnected(reason)
    }
  }

  private func connected(missing: [String]) {
    isConnected = true
    lastFailure = nil
    labelWarned = false
    logger.notice("connected to charon")
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

  private func list() {
    guard isConnected, !isListing, let client else { return }
    isListing = true
    set.listBegins()
    listTimer = reactor.after(Self.listTime) { [weak self] in
      guard let self, let client = self.client else { return }
      client.close()
      self.disconnected("charon does not answer")
    }
    client.list()
  }

  private func listEnded() {
    isListing = false
    if let listTimer { reactor.cancel(listTimer) }
    set.listEnds(now: .now)
    changed()
  }

  private func changed() {
    let entries = set.entries
    if entries != told {
      told = entries
      onChange(entries)
    }
    if let lookTimer { reactor.cancel(lookTimer) }
    lookTimer = set.nextLook.map { due in
      reactor.after(due.seconds(since: .now)) { [weak self] in self?.list() }
    }
  }
}

extension SAWatcher {
  /// Says once per connection that charon does not use what was leased: then its peers' packets are
  /// nobody's for the router.
  private func check(_ ike: VICIMessage) {
    guard !labelWarned else { return }
    let own = ike.text("initiator") == "yes" ? "initiator-spi" : "responder-spi"
    if let label = leases.ikeLabel, let spi = ike.text(own).flatMap({ UInt64($0, radix: 16) }),
      spi != 0, !label.matches(spi)
    {
      warn("an IKE SPI does not carry the leased label")
    } else if let slot = leases.slot,
      SecurityAssociation.read(ike: ike).contains(where: { !slot.contains($0.spiIn) })
    {
      warn("an SPI lies outside of the leased slot \(slot)")
    }
  }

  private func warn(_ what: String) {
    labelWarned = true
    logger.error("\(what): restart charon so that it reads its settings, and renew its connections")
  }
}

extension Moment {
  /// This moment.
  static var now: Moment { Moment(nanoseconds: MonotonicClock.now()) }
}
