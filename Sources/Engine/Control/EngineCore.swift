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

  package let configuration: RouterConfiguration
  package let dataPath: DataPath
  /// Queues of the TUN device.
  package let queues: Int
  /// When the counters began.
  package let started: Instant
  package private(set) var state: RouterState
  package private(set) var dropLog: DropLog
  package private(set) var topSources = TopSources(capacity: topSourceCapacity)
  package private(set) var rates = RateHistory()
  package private(set) var entryRates = EntryRates()
  /// Counts changes of hosts, leases, entries and revocations.
  package private(set) var changes: UInt64 = 0

  /// Sends a PAP message: octets, destination, local endpoint.
  package var send: ([UInt8], Endpoint, Endpoint) -> Void = { _, _, _ in }

  let log: Logger
  private let clock: () -> Instant

  /// Makes a router that knows its hosts and has leased nothing.
  ///
  /// - Parameters:
  ///   - configuration: What the router is to be.
  ///   - keys: The keys of each host, in the order of the configuration.
  ///   - queues: Queues of the TUN device, and so workers.
  ///   - epoch: A random number, not 0.
  ///   - random: Seeded with real randomness, or in a test with a number.
  ///   - log: Takes what happens.
  ///   - clock: What time it is.
  package init(
    configuration: RouterConfiguration, keys: [[RouterConfiguration.Key]], queues: Int,
    epoch: UInt32,
    random: SeededRandom, log: Logger, clock: @escaping () -> Instant = EngineCore.systemClock
  ) {
    self.configuration = configuration
    self.queues = queues
    self.log = log
    self.clock = clock
    started = clock()
    let policy = RouterPolicy(configuration, keys: keys)
    let state = RouterState(policy: policy, epoch: epoch, random: random)
    self.state = state
    let responder = configuration.ikeResponder.flatMap { state.hostView(named: $0)?.index }
    dataPath = DataPath(
      configuration: DataPathConfiguration(configuration, ikeResponder: responder),
      entryCapacity: policy.entryCapacity, workers: queues)
    dropLog = DropLog(
      capacity: Self.dropLogCapacity, rowsPerSecond: configuration.dropSamplePerSecond)
    dataPath.apply(state.tableContents)
    dataPath.synchronize()
    rates.record(dataPath.totals(), at: started.monotonic)
  }

  /// What time it is by the kernel's clocks.
  package static func systemClock() -> Instant {
    Instant(monotonic: MonotonicClock.now(), wallClock: MonotonicClock.wallClock())
  }

  /// What time it is.
  package var now: Instant { clock() }
}

extension EngineCore {
  /// Puts events to the state and carries their effects out: the table first, and once every worker
  /// is past its changes, the answers.
  package func handle(_ events: [Event]) {
    _ = carryOut(events)
  }

  /// Carries a command of an operator out.
  ///
  /// It holds for every packet when this returns.
  package func perform(_ command: OperatorCommand) -> CommandOutcome {
    // A command has exactly one outcome.
    carryOut([.command(command)]).first
      ?? .failure(CommandError(.badArgument, "the command came to nothing"))
  }

  /// What a command would do if it were given now.
  package func preview(
    _ command: OperatorCommand
  ) throws(CommandError) -> CommandPreview {
    try state.preview(command, now: now)
  }

  /// Lets what is due end: leases, entries, revocations, quarantines.
  package func tick() {
    handle([.tick])
  }

  private func carryOut(_ events: [Event]) -> [CommandOutcome] {
    var outcomes = carryOut(state.step(events, now: now))
    while state.isUnfinished { outcomes += carryOut(state.finish(now: now)) }
    return outcomes
  }

  private func carryOut(_ effects: [Effect]) -> [CommandOutcome] {
    let tableChanges = effects.compactMap { effect in
      if case .table(let change) = effect { change } else { nil }
    }
    if !tableChanges.isEmpty {
      dataPath.apply(tableChanges)
      dataPath.synchronize()
      entryRates.note(tableChanges)
      changes += 1
    }
    return effects.compactMap(finish)
  }

  private func finish(_ effect: Effect) -> CommandOutcome? {
    switch effect {
    case .send(let octets, let destination, let source): send(octets, destination, source)
    case .outcome(let outcome): return outcome
    case .log(let line): log.log(level: line.level.logLevel, "\(line.text)")
    case .table: break
    }
    return nil
  }
}

extension EngineCore {
  /// How many drops are taken from the rings at once, which bounds how long that takes.
  private static let dropsAtOnce = 65_536

  /// Moves drops from the workers' rings into log and counts, and returns the rows of the log that
  /// are finished now.
  package func drainDrops() -> [DropLog.Row] {
    dataPath.drainDrops(limit: Self.dropsAtOnce) { record in
      dropLog.add(record)
      if record.hasAddresses, record.direction == .inbound {
        topSources.add(record.source, record.reason, at: record.time)
      }
    }
    return dropLog.takeFinished(at: now.monotonic)
  }

  /// The rows of the drop log that can grow no more, oldest first.
  var finishedDrops: [DropLog.Row] { dropLog.rows.filter { !dropLog.isOpen($0) } }

  /// Takes the counters for the rates.
  ///
  /// To be called once a second.
  package func sampleRates() {
    let now = now.monotonic
    rates.record(dataPath.totals(), at: now)
    entryRates.record(at: now) { dataPath.counters(of: $0).packets }
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
