package import Configuration
package import Logging
package import Net
internal import PAP

/// The running router without its surroundings: state, data path, drop log and rates, and the one way
/// in which events become effects.
///
/// Owned by the control thread. Sockets, devices and timers are others': `Engine` in the program, the
/// tests in tests.
package final class EngineCore {
  /// Rows of the drop log that are kept.
  private static let dropLogCapacity = 16_384
  /// Addresses that are counted as sources of drops.
  private static let topSourceCapacity = 1_024
  /// Hosts whose drops have a history.
  private static let hostHistories = 4_096

  package internal(set) var configuration: RouterConfiguration
  package let dataPath: DataPath
  /// Queues of the TUN device.
  package let queues: Int
  /// When the counters began.
  package let started: Instant
  package internal(set) var state: RouterState
  package internal(set) var dropLog: DropLog
  package private(set) var topSources = TopSources(capacity: topSourceCapacity)
  package private(set) var rates = RateHistory()
  package private(set) var entryRates = EntryRates()
  package private(set) var hostRates = HostRates()
  /// What was dropped of late, by source and by host.
  private(set) var sourceHistory = CountHistory<IPv4Address>()
  private(set) var hostHistory = CountHistory<HostIndex>()
  package internal(set) var alarms = AlarmBook()
  package internal(set) var events = RouterEvents()
  /// For what a packet from or for each host was dropped last.
  private(set) var lastReasons: [UInt16: DropReason] = [:]
  /// The newest rows of the audit log as far as they were looked at, oldest first.
  var recentAudit: [AuditRow] = []
  /// Counts changes of hosts, leases, entries and revocations.
  package internal(set) var changes: UInt64 = 0

  /// Sends a PAP message: octets, destination, local endpoint.
  package var send: ([UInt8], Endpoint, Endpoint) -> Void = { _, _, _ in }

  /// Which rows have changed.
  var journal = RowJournal()
  /// The revocations in force, oldest first, as of a count of their changes.
  var revocationList: (changes: UInt64, views: [RevocationView])?

  let log: Logger
  /// Nil where everything is kept in memory.
  let writer: StoreWriter?
  private let timeline: Timeline?
  /// Where router time and wall clock belong together.
  ///
  /// It stands until the wall clock is set, so that a deadline is always shown as the same second.
  private(set) var wallClockAnchor: Instant
  /// When this engine began, on the router's time line.
  let beginning: UInt64
  private let clock: () -> Instant

  /// Makes a router that knows its hosts and has leased nothing, and keeps everything in memory.
  ///
  /// - Parameters:
  ///   - configuration: What the router is to be.
  ///   - keys: The keys of each host, in the order of the configuration.
  ///   - queues: Queues of the TUN device, and so workers.
  ///   - epoch: A random number, not 0.
  ///   - random: Seeded with real randomness, or in a test with a number.
  ///   - log: Takes what happens.
  ///   - clock: What time it is.
  package convenience init(
    configuration: RouterConfiguration, keys: [[RouterConfiguration.Key]], queues: Int,
    epoch: UInt32,
    random: SeededRandom, log: Logger, clock: @escaping () -> Instant = EngineCore.systemClock
  ) {
    let policy = RouterPolicy(configuration, keys: keys)
    self.init(
      configuration: configuration,
      state: RouterState(policy: policy, epoch: epoch, random: random),
      storedIn: nil, queues: queues, log: log, clock: clock)
  }

  /// Makes a router that goes on with a state, and stores what becomes of it.
  ///
  /// - Parameters:
  ///   - configuration: What the router is to be.
  ///   - state: Its hosts are those of the configuration.
  ///   - store: What the state was loaded from; nil keeps it in memory only.
  ///   - queues: Queues of the TUN device, and so workers.
  ///   - log: Takes what happens.
  ///   - clock: What time it is.
  package init(
    configuration: RouterConfiguration, state: RouterState, storedIn store: Store?, queues: Int,
    log: Logger, clock: @escaping () -> Instant = EngineCore.systemClock
  ) {
    self.configuration = configuration
    self.state = state
    self.queues = queues
    self.log = log
    self.clock = clock
    writer = store.map(StoreWriter.init)
    timeline = store?.timeline
    started = clock()
    beginning = timeline?.moment(at: started.monotonic) ?? started.monotonic
    wallClockAnchor = Instant(monotonic: beginning, wallClock: started.wallClock)
    let responder = configuration.ikeResponder.flatMap { state.hostView(named: $0)?.index }
    dataPath = DataPath(
      configuration: DataPathConfiguration(configuration, ikeResponder: responder),
      entryCapacity: state.policy.entryCapacity, workers: queues)
    dropLog = DropLog(
      capacity: Self.dropLogCapacity, rowsPerSecond: configuration.dropSamplePerSecond)
    dataPath.apply(state.tableContents)
    dataPath.synchronize()
    rates.record(dataPath.totals(), at: started.monotonic)
    journal.begin(state.entries)
    // What ended while no engine ran has ended before the first packet.
    tick()
    watchAlarms()
  }

  /// What time it is by the kernel's clocks.
  package static func systemClock() -> Instant {
    Instant(monotonic: MonotonicClock.now(), wallClock: MonotonicClock.wallClock())
  }

  /// What time it is.
  package var now: Instant { clock() }

  /// What time it is for the router's state: deadlines go by its own time line, and the data path by
  /// the kernel's clock.
  var routerTime: Instant {
    let now = now
    return Instant(monotonic: routerMoment(at: now.monotonic), wallClock: now.wallClock)
  }

  /// A moment of the kernel's monotonic clock on the router's time line.
  func routerMoment(at monotonic: UInt64) -> UInt64 {
    timeline?.moment(at: monotonic) ?? monotonic
  }
}

extension EngineCore {
  /// Puts events to the state and carries their effects out: what is granted is durable first, then
  /// the table changes, and once every worker is past that come the answers.
  ///
  /// While the state cannot be stored nobody is answered: hosts ask again until it can.
  package func handle(_ events: [Event]) {
    var effects = state.step(events, now: routerTime)
    while state.isUnfinished { effects += state.finish(now: routerTime) }
    let isDurable = store(effects)
    applyTable(effects)
    finish(effects, isDurable: isDurable)
  }

  /// What an order would do if it were given now.
  package func preview(_ order: Order) throws(CommandError) -> CommandPreview {
    let only = order.items.count == 1 ? order.items.first : nil
    if let only, only.generation == nil {
      return try state.preview(only.command, now: routerTime)
    }
    return try state.preview(order, now: routerTime)
  }

  /// Lets what is due end: leases, entries, revocations, quarantines.
  package func tick() {
    anchorWallClock()
    handle([.tick])
  }

  /// Nanoseconds that the wall clock may stray before it counts as set.
  private static let wallClockTolerance: UInt64 = 500_000_000

  private func anchorWallClock() {
    let now = routerTime
    let shown = wallClockAnchor.wallClock(at: now.monotonic)
    let error = max(shown, now.wallClock) - min(shown, now.wallClock)
    if error > Self.wallClockTolerance { wallClockAnchor = now }
  }

  /// Carries out what the effects change in the forwarding table; every packet sees it afterwards.
  func applyTable(_ effects: [Effect]) {
    journal.note(effects)
    let changes = effects.compactMap { effect in
      if case .table(let change) = effect { change } else { nil }
    }
    guard !changes.isEmpty else { return }
    dataPath.apply(changes)
    dataPath.synchronize()
    entryRates.note(changes)
    self.changes += 1
    FailPoint.pass(.beforeAnswer)
  }

  /// Sends and logs what the effects say; without being durable nothing is sent.
  func finish(_ effects: [Effect], isDurable: Bool) {
    for effect in effects {
      switch effect {
      case .send(let octets, let destination, let source):
        if isDurable { send(octets, destination, source) }
      case .log(let line):
        log.log(level: line.level.logLevel, "\(line.text)")
        events.add(line, at: now.wallClock)
      case .table, .store, .outcome, .rolledBack: break
      }
    }
    FailPoint.pass(.afterAnswer)
  }
}

extension EngineCore {
  /// How many drops are taken from the rings at once, which bounds how long that takes.
  private static let dropsAtOnce = 65_536

  /// Moves drops from the workers' rings into log and counts, and returns the rows of the log that
  /// are finished now.
  package func drainDrops() -> [DropLog.Row] {
    dataPath.drainDrops(limit: Self.dropsAtOnce) { note($0) }
    return dropLog.takeFinished(at: now.monotonic)
  }

  /// Takes a drop into log and counts.
  func note(_ record: DropRecord) {
    dropLog.add(record)
    if record.host != 0 { lastReasons[record.host] = record.reason }
    if record.hasAddresses, record.direction == .inbound {
      topSources.add(record.source, record.reason, at: record.time)
    }
  }

  /// The rows of the drop log that can grow no more, oldest first.
  var finishedDrops: [DropLog.Row] { dropLog.rows.filter { !dropLog.isOpen($0) } }

  /// Takes the counters for the rates, and looks for what is wrong.
  ///
  /// To be called once a second.
  package func sampleRates() {
    let now = now.monotonic
    rates.record(dataPath.totals(), at: now)
    entryRates.record(at: now) { dataPath.counters(of: $0) }
    let hosts = state.hostIndexes.map { ($0, dataPath.counters(ofHost: $0)) }
    hostRates.record(at: now, Dictionary(uniqueKeysWithValues: hosts))
    // The first ones always, so that none comes back with all that it has ever counted.
    let dropping = hosts.filter { $0.1.drops > 0 }.prefix(Self.hostHistories)
    hostHistory.record(dropping.map { ($0.0, $0.1.drops) }, at: now)
    sourceHistory.record(topSources.counts, at: now)
    watchAlarms()
  }
}

extension LogLine.Level {
  fileprivate var logLevel: Logger.Level {
    switch self {
    case .debug: .debug
    case .info: .info
    case .warning: .warning
    }
  }
}
