package import Configuration
package import Logging
package import Daemon
internal import Net
internal import PAP

/// The engine: a router with its TUN device, its PAP server and its control socket, on an event loop.
///
/// Make, run and drop it on one thread, the control thread. Workers have threads of their own, so
/// nothing that happens here holds up a packet.
package final class Engine {
  /// Seconds between looks at the drop rings, which hold 8,192 records a worker.
  private static let drainInterval = 0.05
  /// Seconds between looks for leases and entries that end.
  private static let tickInterval = 0.25
  /// Seconds between status lines for the service manager.
  private static let statusInterval = 5.0
  /// Seconds between notes of how far time has come, which is what a loss of power can cost deadlines.
  private static let timeInterval = 30.0
  private static let signals: [Signal] = [.terminate, .interrupt, .hangUp]

  private let reactor: Reactor
  private let core: EngineCore
  private let control: ControlServer
  private let socket: ControlSocket
  private let pap: PAPServer
  private let signalSource: SignalSource
  private let supervision: Supervision?
  private let log: Logger
  private let reloader: Reloader

  /// Keeps the signals that the engine reads from all threads, and leaves crashes to the kernel.
  ///
  /// Call it before the first thread starts and before a key is read.
  package static func blockSignals() {
    Signal.leaveCrashesToKernel()
    SignalSource.block(signals)
    Signal.brokenPipe.ignore()
  }

  /// Opens everything and starts to forward.
  ///
  /// - Parameters:
  ///   - configuration: What the router is to be.
  ///   - path: The file that says so, which is read again for a reload.
  ///   - keys: The keys of each host, in the order of the configuration.
  ///   - supervision: The service manager, if one started the process.
  ///   - threshold: From which level on the log takes it.
  ///   - log: Takes what the engine has to say.
  /// - Throws: with a sentence for people; then nothing is left behind.
  package init(
    _ configuration: RouterConfiguration, at path: String, keys: [[RouterConfiguration.Key]],
    supervision: Supervision?, threshold: LogThreshold, log: Logger
  ) throws(EngineError) {
    self.log = log
    self.supervision = supervision
    // First, so that a second engine disturbs nothing.
    socket = try ControlSocket(configuration, log: log)
    let (state, store) = try StoredRouter.open(configuration, keys: keys, log: log)
    do throws(SystemError) {
      let reactor = try Reactor()
      let kept = supervision?.keptQueues(of: configuration.tun) ?? []
      let queues = kept.isEmpty ? try TunnelDevice.open(configuration) : kept
      // All of the state is in the forwarding table before the first packet is read.
      let core = EngineCore(
        configuration: configuration, state: state, storedIn: store, queues: queues.count, log: log)
      pap = try PAPServer(listeningOn: configuration.listen, reactor: reactor) { events in
        core.handle(events)
      }
      control = ControlServer(core: core, handler: RequestHandler(core: core), reactor: reactor)
      signalSource = try SignalSource(Self.signals)
      reloader = Reloader(
        path, core: core, control: control, socket: socket, threshold: threshold, log: log)
      self.core = core
      self.reactor = reactor
      try core.dataPath.start(queues: queues)
      try connect()
      if kept.isEmpty { try supervision?.keep(queues) }
    } catch {
      throw EngineError(error)
    }
    announce(configuration)
    warn(configuration)
    supervise()
    core.handle([.restarted(core.state.contacts)])
  }

  /// Serves until a signal or an operator ends it, then closes everything in order.
  package func run() {
    reactor.run()
    supervision?.manager.tell(.stopping)
    // No new commands and leases, then no new packets; the device goes with its queues.
    control.stop()
    pap.stop()
    core.dataPath.stop()
    core.keepTime()
    log.notice("stopped")
  }

  private func connect() throws(SystemError) {
    try control.listen(on: socket.listener, access: socket.access)
    // Nothing that the reactor holds may hold the engine: files and devices go when it goes.
    core.send = { [weak pap] octets, destination, source in
      pap?.send(octets, to: destination, from: source)
    }
    // The answer still goes out: `ControlServer.stop` sends what waits.
    control.onStop = { [weak reactor] in reactor?.stop() }
    control.onReload = { [unowned self] request throws(ControlError) in try reload(request) }
    control.onReloadPreview = { [unowned self] () throws(ControlError) in
      try reloader.preview()
    }
    reactor.every(Self.drainInterval) { [unowned self] in control.publish(core.drainDrops()) }
    reactor.every(Self.tickInterval) { [unowned self] in core.tick() }
    reactor.every(Self.timeInterval) { [unowned self] in core.keepTime() }
    reactor.every(1) { [unowned self] in
      core.sampleRates()
      control.dropStalled()
    }
    try reactor.watch(signalSource.rawValue, read: true, write: false) { [unowned self] _ in
      for signal in (try? signalSource.read()) ?? [] { take(signal) }
    }
  }

  /// Tells the service manager that all works, and then, twice as often as it wants to hear it, that
  /// the control thread is alive.
  private func supervise() {
    guard let manager = supervision?.manager else { return }
    manager.tell(.ready, .status(statusLine))
    let pause = manager.watchdogInterval.map { $0 / 2 } ?? Self.statusInterval
    reactor.every(min(pause, Self.statusInterval)) { [unowned self] in
      manager.tell(.watchdog, .status(statusLine))
    }
  }

  private var statusLine: String {
    let state = core.state
    let totals = core.dataPath.totals()
    return "forwarding for \(state.hostCount) hosts: \(state.entryCount) SA entries, "
      + "\(state.revocationCount) revocations, \(totals.dropped) packets dropped"
  }

  private func take(_ signal: Signal) {
    guard signal == .hangUp else {
      log.notice("\(signal): stopping")
      return reactor.stop()
    }
    // What came of it is in the log.
    let actor = AuditActor(userID: nil, name: "\(signal)", source: nil)
    _ = try? reload(ReloadRequest(by: actor, via: "signal"))
  }

  private func reload(
    _ request: ReloadRequest
  ) throws(ControlError) -> ConfigurationDifference {
    supervision?.manager.tell(.reloading)
    defer { supervision?.manager.tell(.ready, .status(statusLine)) }
    return try reloader.reload(request)
  }

  private func announce(_ configuration: RouterConfiguration) {
    let hosts = configuration.hosts.count
    let device = "\(configuration.tun) with \(core.queues) queues"
    let epoch = core.state.epoch
    log.notice("router \(configuration.externalAddress): \(hosts) hosts, \(device), epoch \(epoch)")
    if configuration.authentication == .none {
      log.warning("hosts need not prove who they are: authentication is off")
    }
  }

  private func warn(_ configuration: RouterConfiguration) {
    let facts = try? SystemFacts.read(
      externalAddress: configuration.externalAddress,
      tunnelEndpoint: configuration.tunnelEndpoint)
    for finding in facts.map({ SystemCheck($0, configuration).findings }) ?? [] {
      log.warning("\(finding.what)\(finding.command.map { "; \($0)" } ?? "")")
    }
  }
}
