internal import Configuration
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
  private let socket: UDPSocket
  private let server: StatusServer
  var agent: Agent
  var sources = EntrySources()
  var watcher: SAWatcher?
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
  init(_ configuration: HostConfiguration, key: SecretKey, logger: Logger) throws(SystemError) {
    self.configuration = configuration
    self.logger = logger
    reactor = try Reactor()
    let path = configuration.controlSocket
    try File.makeDirectory(Self.directory(of: path), mode: 0o750)
    server = try StatusServer(path: path)
    // Only now is it sure that no other agent lives whose changes these are.
    journal = UndoJournal(path: path + ".undo") { logger.warning("\($0)") }
    socket = try UDPSocket(
      boundTo: Endpoint(address: configuration.insideAddress, port: 0), receiveBuffer: 1 << 18)
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
      step(.stop)
    }
    try server.start(on: reactor) { [unowned self] in serve($0, $1) }
    startWatcher()
    step(.start)
    reactor.run()
    cleanUp()
    if let failure { throw failure }
  }

  /// Ends the service because of an error, which `run` then throws.
  func fail(_ error: any Error) {
    failure = failure ?? error
    step(.stop)
  }

  private func startWatcher() {
    guard configuration.ikeDaemon == .strongswan else { return }
    watcher = SAWatcher(path: configuration.viciSocket, reactor: reactor, logger: logger) {
      [unowned self] entries in
      sources.setAssociations(entries)
      step(.desire(sources.entries))
    }
    watcher?.start()
  }

  private func cleanUp() {
    watcher?.stop()
    server.stop()
    tunnel?.takeDown()
    journal.undo()
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
    if let agentTimer { reactor.cancel(agentTimer) }
    agentTimer = agent.deadline.map { due in
      reactor.after(due.seconds(since: .now)) { [unowned self] in step(.timer) }
    }
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
    case .outcome(let token, let code): waiting.removeValue(forKey: token)?(code)
    case .log(let level, let text): logger.log(level: level, "\(text)")
    case .finished: reactor.stop()
    }
  }
}
