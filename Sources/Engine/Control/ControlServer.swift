package import Configuration
package import Net

internal import Logging

/// The control socket: accepts clients, knows who they are, and passes requests and events.
///
/// Used on the reactor's thread. No client can make it wait: everything is without blocking, and what
/// waits for a client is bounded.
package final class ControlServer {
  /// Connections that are accepted in one round of the reactor: of each the groups are looked up.
  private static let acceptedPerRound = 4
  /// A client that has taken nothing for so long (nanoseconds) although something waits is dropped.
  private static let patience: UInt64 = 10_000_000_000

  let reactor: Reactor
  private var listener: UnixListener?
  private var access: AccessRules?
  let core: EngineCore
  let handler: RequestHandler
  private(set) var clients: [Int32: ControlConnection] = [:]
  var announcedChanges: UInt64 = 0
  private var connections: UInt64 = 0
  /// The answers that are being made beside others.
  var pending = PendingReplies()
  var isWorkScheduled = false
  /// The clients that are to be served, the one whose turn is next first.
  var waiting: [ControlConnection] = []
  var isServiceScheduled = false

  /// Makes a server without clients.
  package init(core: EngineCore, handler: RequestHandler, reactor: Reactor) {
    self.core = core
    self.handler = handler
    self.reactor = reactor
    handler.subscribers = { [weak self] in self?.subscribers ?? [] }
  }

  /// Accepts clients at a socket.
  package func listen(on listener: UnixListener, access: AccessRules) throws(SystemError) {
    self.listener = listener
    self.access = access
    try reactor.watch(listener.rawValue, read: true, write: false) { [weak self] _ in
      self?.accept(from: listener)
    }
  }

  /// Called when an operator wants the engine to end.
  package var onStop: () -> Void {
    get { handler.stop }
    set { handler.stop = newValue }
  }

  /// Called when an operator wants the configuration read again.
  package var onReload: (ReloadRequest) throws(ControlError) -> ConfigurationDifference {
    get { handler.reload }
    set { handler.reload = newValue }
  }

  /// Called when an operator wants to know what that would change.
  package var onReloadPreview: () throws(ControlError) -> ConfigurationDifference {
    get { handler.reloadDifference }
    set { handler.reloadDifference = newValue }
  }

  /// Goes by other rules from now on; who may not even look by them gets what waits for it and is
  /// dropped.
  package func admit(by access: AccessRules) {
    self.access = access
    for client in clients.values {
      if let user = (try? client.stream.peer()).flatMap(access.user) {
        if user != client.user { noteChange(of: client) }
        client.user = user
      } else {
        core.log.notice("control: \(client.user.name) may not look any more")
        noteChange(of: client)
        client.dismiss()
        schedule(client)
      }
    }
  }

  /// The number of clients.
  package var clientCount: Int { clients.count }

  /// Octets that wait for clients to take them.
  var waitingOctets: Int { clients.values.reduce(0) { $0 + $1.waiting } }

  /// Serves a connection that somebody else has accepted, with the rights of `user`.
  package func adopt(_ stream: UnixStream, as user: ControlUser) throws(SystemError) {
    let descriptor = stream.rawValue
    connections += 1
    let client = ControlConnection(
      number: connections, stream: stream, user: user, now: core.now.monotonic)
    try reactor.watch(descriptor, read: true, write: false) { [weak self, weak client] ready in
      guard let self, let client else { return }
      schedule(client)
      if ready.contains(.hangUp) { forget(client) }
    }
    clients[descriptor] = client
  }

  /// Sends what can be sent now and closes everything.
  package func stop() {
    if let listener { reactor.unwatch(listener.rawValue) }
    listener = nil
    for (descriptor, client) in clients {
      _ = try? client.flush(now: core.now.monotonic)
      reactor.unwatch(descriptor)
    }
    clients = [:]
    pending = PendingReplies()
    waiting = []
  }

  /// Drops clients that do not read.
  ///
  /// To be called every second or so.
  package func dropStalled() {
    let now = core.now.monotonic
    for client in clients.values
    where client.waiting > 0 && now &- client.lastProgress > Self.patience {
      core.log.warning("control: \(client.user.name) does not read its answers; dropped")
      drop(client)
    }
  }

  private func accept(from listener: UnixListener) {
    guard let access else { return }
    for _ in 0..<Self.acceptedPerRound {
      guard let stream = try? listener.accept() else { return }
      guard let peer = try? stream.peer() else { continue }
      guard let user = access.user(at: peer) else {
        core.log.notice("control: user \(peer.userID) refused")
        refuse(stream, "you are in neither the operator group nor the viewer group")
        continue
      }
      if let refusal = ClientPlaces.refusal(of: user, beside: clients.values.map(\.user)) {
        refuse(stream, refusal)
      } else {
        try? adopt(stream, as: user)
      }
    }
  }

  // The answer is short, so a new socket takes it whole.
  private func refuse(_ stream: UnixStream, _ message: String) {
    let line = ControlJSON.line(id: nil, error: ControlError(.notPermitted, message))
    _ = try? stream.write(line)
  }

  // Nobody is left to take what is being made.
  private func forget(_ client: ControlConnection) {
    if client.isOnlyAwaiting { drop(client) }
  }

  /// Ends a connection.
  func drop(_ client: ControlConnection) {
    let descriptor = client.stream.rawValue
    guard clients[descriptor] === client else { return }
    clients[descriptor] = nil
    reactor.unwatch(descriptor)
    pending.removeAll(of: client)
    noteChange(of: client)
    core.hangUp(client.number)
    if client.isConsole { logDeparture(of: client) }
  }

  private func logDeparture(of client: ControlConnection) {
    let name = client.user.name
    let left = clients.values.count { $0.isConsole }
    if left == 0 {
      core.log.notice("control: the last console has gone (\(name)); the router goes on headless")
    } else {
      core.log.info("control: a console has gone (\(name)); consoles: \(left)")
    }
  }

  /// Sees to it that the others are told of a console that comes, goes or may do something else.
  func noteChange(of client: ControlConnection) {
    if client.isConsole { core.changes += 1 }
  }

  private var subscribers: [Subscriber] {
    clients.values.compactMap { client in
      client.subscription.map {
        Subscriber(
          connection: client.number, user: client.user, source: $0.source, since: $0.since,
          isConsole: $0.changes)
      }
    }.sorted { $0.connection < $1.connection }
  }
}
