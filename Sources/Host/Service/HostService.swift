internal import Configuration
internal import Daemon
internal import Logging
internal import Net
internal import PAP

/// The running agent: feeds the state machine with what comes from router, charon and people, and
/// does what it wants done.
///
/// All on one reactor's thread; the tunnel has its own.
final class HostService {
  let configuration: HostConfiguration
  let logger: Logger
  let reactor: Reactor
  let journal: UndoJournal
  /// Who started this process and wants to hear of it; nil if nobody does.
  let manager: ServiceManager?
  /// Whether the manager was told that the agent has started.
  var isReady = false
  private let socket: UDPSocket
  private let server: StatusServer
  var agent: Agent
  var sources = EntrySources()
  var watcher: (any AssociationWatcher)?
  /// The same where the daemon is strongSwan, which takes orders.
  var strongSwan: SAWatcher?
  private let manualEntries: ManualEntries
  var tunnel: HostTunnel?
  var portRange: PortBlock?
  var settings: StrongSwanSettings?
  private var agentTimer: TimerID?
  /// Who waits for the outcome of a command, by its token.
  var waiting: [UInt64: (ResultCode?) -> Void] = [:]
  var lastToken: UInt64 = 0
  /// What ended the service before its time.
  private var failure: (any Error)?

  /// Opens the sockets, and undoes what an earlier run that was killed has left.
  ///
  /// - Throws: `EADDRINUSE` if an agent with this control socket runs already.
  init(
    _ configuration: HostConfiguration, key: SecretKey?, logger: Logger, manager: ServiceManager?
  ) throws(SystemError) {
    self.configuration = configuration
    self.manager = manager
    self.logger = logger
    reactor = try Reactor()
    let path = configuration.controlSocket
    try File.makeDirectory(Self.directory(of: path), mode: 0o750)
    server = try StatusServer(path: path)
    // Only now is it sure that no other agent lives whose changes these are.
    journal = UndoJournal(path: path + ".undo") { logger.warning("\($0)") }
    socket = try UDPSocket(
      boundTo: Endpoint(address: configuration.insideAddress, port: 0), receiveBuffer: 1 << 18)
    manualEntries = ManualEntries(path: path + ".entries")
    let identity = Agent.Identity(
      name: configuration.name, keyID: configuration.keyID, key: key, ports: configuration.ports)
    agent = Agent(identity: identity, randomness: .secure)
  }

  /// Serves until a signal or a failure ends it, and undoes all it did.
  func run(signals: SignalSource) throws {
    try reactor.watch(socket.rawValue, read: true, write: false) { [unowned self] _ in receive() }
    try reactor.watch(signals.rawValue, read: true, write: false) { [unowned self] _ in
      let names = ((try? signals.read()) ?? []).map { "\($0)" }.joined(separator: ", ")
      logger.notice("stopping: \(names)")
      manager?.tell(.stopping)
      step(.stop)
    }
    try server.start(on: reactor) { [unowned self] in serve($0, $1) }
    for entry in manualEntries.read() { sources.validate(entry) }
    try startWatcher()
    superviseStart()
    step(.start)
    // Nobody else will say what there is.
    step(.desire(sources.entries, isWhole: watcher == nil))
    reactor.run()
    cleanUp()
    if let failure { throw failure }
  }

  /// Ends the service because of an error, which `run` then throws.
  func fail(_ error: any Error) {
    failure = failure ?? error
    step(.stop)
  }

  private func startWatcher() throws {
    switch configuration.ikeDaemon {
    case .strongswan:
      strongSwan = SAWatcher(
        path: configuration.viciSocket, looksAhead: configuration.preValidate, reactor: reactor,
        logger: logger, onChange: { [unowned self] in observe($0) },
        onTeardown: { [unowned self] in sources.await($0) })
      watcher = strongSwan
    case .xfrm:
      watcher = try XFRMWatcher(
        reactor: reactor, logger: logger, onChange: { [unowned self] in observe($0) },
        onLoss: { [unowned self] in step(.resynchronize) })
    case .none: break
    }
    try watcher?.start()
  }

  private func observe(_ observation: Observation) {
    sources.observe(observation)
    step(.desire(sources.entries, isWhole: observation.isWhole))
  }

  /// Tells the state machine what is wanted since somebody changed it by hand, and keeps that for the
  /// case that this process is killed.
  func manualEntriesChanged() {
    do {
      try manualEntries.write(Array(sources.manual.values))
    } catch {
      logger.warning("entries by hand would not outlive this process: \(error)")
    }
    step(.desire(sources.entries, isWhole: agent.isDesireWhole))
  }

  private func cleanUp() {
    watcher?.stop()
    server.stop()
    tunnel?.takeDown()
    journal.undo()
    try? manualEntries.write([])
    logger.notice("stopped")
  }

  private static func directory(of path: String) -> String {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return parts.count > 1 ? parts.joined(separator: "/") : "/"
  }
}

// The state machine: events in, effects out.
extension HostService {
  private func receive() {
    while let datagram = try? socket.receive() {
      // Anyone can write the router's address there; the agent believes tags only.
      if datagram.source == configuration.router { step(.datagram(datagram.bytes)) }
    }
  }

  func step(_ event: AgentEvent) {
    for effect in agent.step(event, now: .now) { perform(effect) }
    revive()
    if let agentTimer { reactor.cancel(agentTimer) }
    agentTimer = agent.deadline.map { due in
      reactor.after(due.seconds(since: .now)) { [unowned self] in step(.timer) }
    }
  }

  /// Has associations made again whose peers the router admits once more.
  private func revive() {
    guard !sources.revivals.isEmpty else { return }
    let admitted = sources.takeRevivals { agent.entries.records[$0]?.result == .success }
    for revival in admitted { strongSwan?.revive(revival) }
  }

  private func perform(_ effect: AgentEffect) {
    switch effect {
    case .send(let octets):
      do throws(SystemError) {
        try socket.send(octets, to: configuration.router)
      } catch {
        // As if it were lost on the way: it is sent again.
        logger.debug("\(error)")
      }
    case .leases(let leases): use(leases)
    case .withdrawn(let withdrawal): watcher?.withdraw(withdrawal)
    case .outcome(let token, let code): waiting.removeValue(forKey: token)?(code)
    case .log(let level, let text): logger.log(level: level, "\(text)")
    case .finished: reactor.stop()
    }
  }
}
