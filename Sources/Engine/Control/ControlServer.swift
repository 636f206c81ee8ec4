package import Configuration
package import Net

internal import Logging

/// The control socket: accepts clients, knows who they are, and passes requests and events.
///
/// Used on the reactor's thread. No client can make it wait: everything is without blocking, and what
/// waits for a client is bounded.
package final class ControlServer {
  /// Clients at once.
  private static let mostClients = 64
  /// Requests of one client in one round of the reactor.
  private static let requestsPerRound = 16
  /// A client that has taken nothing for so long (nanoseconds) although something waits is dropped.
  private static let patience: UInt64 = 10_000_000_000

  let reactor: Reactor
  private var listener: UnixListener?
  private var access: AccessRules?
  let core: EngineCore
  private let handler: RequestHandler
  private(set) var clients: [Int32: ControlConnection] = [:]
  private var announcedChanges: UInt64 = 0
  private var connections: UInt64 = 0
  /// The answers that are being made, in the order in which they are worked on.
  var pending: [PendingReply] = []
  var isWorkScheduled = false

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
  package var onReload: (AuditActor, String) throws(ControlError) -> ConfigurationDifference {
    get { handler.reload }
    set { handler.reload = newValue }
  }

  /// Goes by other rules from now on; who may not even look by them gets what waits for it and is
  /// dropped.
  package func admit(by access: AccessRules) {
    self.access = access
    for (descriptor, client) in clients {
      if let user = (try? client.stream.peer()).flatMap(access.user) {
        if user != client.user { noteChange(of: client) }
        client.user = user
      } else {
        core.log.notice("control: \(client.user.name) may not look any more")
        noteChange(of: client)
        client.dismiss()
        schedule(client, descriptor)
      }
    }
  }

  /// The number of clients.
  package var clientCount: Int { clients.count }

  /// Octets that wait for clients to take them.
  var waiting: Int { clients.values.reduce(0) { $0 + $1.waiting } }

  /// Serves a connection that somebody else has accepted, with the rights of `user`.
  package func adopt(_ stream: UnixStream, as user: ControlUser) throws(SystemError) {
    let descriptor = stream.rawValue
    connections += 1
    let client = ControlConnection(
      number: connections, stream: stream, user: user, now: core.now.monotonic)
    try reactor.watch(descriptor, read: true, write: false) { [weak self] ready in
      self?.serve(descriptor)
      if ready.contains(.hangUp) { self?.forget(descriptor) }
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
  }

  /// Drops clients that do not read.
  ///
  /// To be called every second or so.
  package func dropStalled() {
    let now = core.now.monotonic
    for (descriptor, client) in clients
    where client.waiting > 0 && now &- client.lastProgress > Self.patience {
      core.log.warning("control: \(client.user.name) does not read its answers; dropped")
      drop(descriptor)
    }
  }

  private func accept(from listener: UnixListener) {
    guard let access else { return }
    while let stream = try? listener.accept() {
      guard let peer = try? stream.peer() else { continue }
      guard let user = access.user(at: peer) else {
        core.log.notice("control: user \(peer.userID) refused")
        refuse(stream, "you are in neither the operator group nor the viewer group")
        continue
      }
      guard clients.count < Self.mostClients else {
        refuse(stream, "there are \(clients.count) clients already, which is the most")
        continue
      }
      try? adopt(stream, as: user)
    }
  }

  // The answer is short, so a new socket takes it whole.
  private func refuse(_ stream: UnixStream, _ message: String) {
    let line = ControlJSON.line(id: nil, error: ControlError(.notPermitted, message))
    _ = try? stream.write(line)
  }

  // Nobody is left to take what is being made.
  private func forget(_ descriptor: Int32) {
    if clients[descriptor]?.isOnlyAwaiting == true { drop(descriptor) }
  }

  private func drop(_ descriptor: Int32) {
    reactor.unwatch(descriptor)
    guard let client = clients.removeValue(forKey: descriptor) else { return }
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
  private func noteChange(of client: ControlConnection) {
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

extension ControlServer {
  private func serve(_ descriptor: Int32) {
    guard let client = clients[descriptor] else { return }
    do {
      try client.flush(now: core.now.monotonic)
      if client.isListening { try client.fill() }
      if client.isMaking { try client.makePiece(now: core.now.monotonic) }
      try answerRequests(of: client)
      try client.flush(now: core.now.monotonic)
      if client.isFinished {
        drop(descriptor)
      } else {
        try reactor.change(
          descriptor, read: client.isListening, write: client.waiting > 0)
        // No readiness tells of what was read already, or is in the making.
        if client.hasRequests || client.isMaking { schedule(client, descriptor) }
      }
    } catch is LineBuffer.TooLong {
      let limit = ControlConnection.longestLine(for: client.user.role)
      let error = ControlError(.badRequest, "a request has at most \(limit) octets")
      client.queue(ControlJSON.line(id: nil, error: error), now: core.now.monotonic)
      _ = try? client.flush(now: core.now.monotonic)
      drop(descriptor)
    } catch {
      drop(descriptor)
    }
  }

  func schedule(_ client: ControlConnection, _ descriptor: Int32) {
    guard !client.isScheduled else { return }
    client.isScheduled = true
    reactor.after(0) { [weak self] in
      client.isScheduled = false
      self?.serve(descriptor)
    }
  }

  private func answerRequests(of client: ControlConnection) throws {
    for _ in 0..<Self.requestsPerRound where client.hasRequests {
      guard let line = try client.nextLine() else { return }
      answer(line, client)
    }
  }

  private func answer(_ line: [UInt8], _ client: ControlConnection) {
    let now = core.now.monotonic
    var id: JSONValue?
    do {
      let request = try ControlJSON.request(line)
      id = request.id
      var events: [UInt8] = []
      let answer =
        request.verb == Verb.subscribe.rawValue
        ? ControlAnswer.whole(try subscribe(client, request, &events))
        : try handler.answer(request, for: client.user, on: client.number)
      switch answer {
      case .whole(let result):
        let start = try ControlJSON.lineStart(id: id)
        client.queue(start + result + ControlJSON.lineEnd + events, now: now)
      case .rows(let stream): client.begin(stream, id: id)
      case .later(let look): client.begin(look, id: id)
      case .beside(let answer): postpone(answer, client, id: id)
      }
    } catch {
      client.queue(ControlJSON.line(id: id, error: error), now: now)
    }
  }
}

extension ControlServer {
  private struct Subscribed: Encodable {
    var subscribed: [String]
  }

  private struct DropEvent: Encodable {
    var event = "drops"
    var row: DropRow
  }

  private func subscribe(
    _ client: ControlConnection, _ request: ControlRequest, _ events: inout [UInt8]
  ) throws(ControlError) -> [UInt8] {
    var arguments = ControlArguments(request.arguments)
    let names = try arguments.required("events", "an array of drops and changes") { value in
      if case .array(let elements) = value { elements.compactMap(\.string) } else { nil }
    }
    if let other = names.first(where: { $0 != "drops" && $0 != "changes" }) {
      throw ControlError(.badArgument, "there are no events '\(other)'; there are drops, changes")
    }
    let last = try arguments.number("last", in: 0...Int64(UInt32.max)) ?? 0
    let reason = try arguments.reason("reason")
    let source = try arguments.remark("source")
    let filter = try arguments.filter(DropLogRecord.columns, now: core.now.wallClock)
    try arguments.refuseOthers()
    let subscription = ControlConnection.Subscription(
      drops: names.contains("drops"), changes: names.contains("changes"), reason: reason,
      filter: filter.isEmpty ? nil : filter, source: source, since: core.now.wallClock)
    // Who subscribes again may have been a console before.
    noteChange(of: client)
    client.subscription = subscription
    noteChange(of: client)
    if names.contains("drops"), last > 0 {
      // Rows that can still grow come when they are finished, so no row comes twice.
      let rows = core.finishedDrops.map(core.record).filter(subscription.wants)
      events = try lines(rows.suffix(last).map(DropRow.init))
    }
    return try ControlJSON.encode(Subscribed(subscribed: names))
  }

  private func lines(_ rows: [DropRow]) throws(ControlError) -> [UInt8] {
    var octets: [UInt8] = []
    for row in rows { octets += try ControlJSON.encode(DropEvent(row: row)) + [10] }
    return octets
  }

  /// Tells subscribers of finished rows of the drop log, and that something has changed if it has.
  package func publish(_ rows: [DropLog.Row]) {
    if !rows.isEmpty { publishDrops(rows) }
    guard core.changes != announcedChanges else { return }
    announcedChanges = core.changes
    let line = Array("{\"event\":\"changes\"}\n".utf8)
    for (descriptor, client) in clients where client.subscription?.changes == true {
      push(line, to: client, descriptor)
    }
  }

  private func publishDrops(_ rows: [DropLog.Row]) {
    let subscribers = clients.filter { $0.value.subscription?.drops == true }
    guard !subscribers.isEmpty else { return }
    let encoded = rows.map(core.record).map { row in
      (row: row, octets: (try? lines([DropRow(row)])) ?? [])
    }
    for (descriptor, client) in subscribers {
      let octets = encoded.filter { client.subscription?.wants($0.row) ?? false }
        .flatMap(\.octets)
      if !octets.isEmpty { push(octets, to: client, descriptor) }
    }
  }

  private func push(_ octets: [UInt8], to client: ControlConnection, _ descriptor: Int32) {
    guard client.waiting + octets.count <= ControlConnection.eventLimit else {
      core.log.warning("control: \(client.user.name) does not read its events; dropped")
      drop(descriptor)
      return
    }
    client.queueLines(octets, now: core.now.monotonic)
    serve(descriptor)
  }
}
