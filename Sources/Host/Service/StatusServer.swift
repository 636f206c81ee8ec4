internal import FoundationEssentials
internal import Logging
internal import Net

/// The agent's Unix socket: one JSON object a line in each direction.
///
/// Runs on one reactor's thread.
final class StatusServer {
  /// Answers one request, now or later, exactly once.
  typealias Handler = (AgentRequest, Connection) -> Void

  private let listener: UnixListener
  private var reactor: Reactor?
  private var connections: [Int32: Connection] = [:]

  /// Makes the socket.
  ///
  /// Clients wait until `start`.
  ///
  /// - Throws: `EADDRINUSE` if another agent serves it.
  init(path: String) throws(SystemError) {
    listener = try UnixListener(path: path)
  }

  /// Serves clients.
  func start(on reactor: Reactor, _ handler: @escaping Handler) throws(SystemError) {
    self.reactor = reactor
    try reactor.watch(listener.rawValue, read: true, write: false) { [weak self] _ in
      self?.accept(reactor, handler)
    }
  }

  /// Takes no more clients and lets go of those there are.
  func stop() {
    reactor?.unwatch(listener.rawValue)
    for connection in connections.values { connection.close() }
    connections = [:]
  }

  private func accept(_ reactor: Reactor, _ handler: @escaping Handler) {
    // What fails here concerns one client, who sees the connection go.
    guard let stream = try? listener.accept() else { return }
    let connection = Connection(stream, reactor) { [weak self] event in
      switch event {
      case .request(let request, let connection): handler(request, connection)
      case .closed(let number): self?.connections[number] = nil
      }
    }
    connections[stream.rawValue] = connection
    connection.open()
  }
}

extension StatusServer {
  /// One client.
  final class Connection {
    enum Event {
      case request(AgentRequest, Connection)
      case closed(Int32)
    }

    /// The longest request, octets.
    private static let longestRequest = 4_096

    private let stream: UnixStream
    private let reactor: Reactor
    private let onEvent: (Event) -> Void
    private var received: [UInt8] = []
    private var unsent: [UInt8] = []
    private var isOpen = true

    fileprivate init(
      _ stream: UnixStream, _ reactor: Reactor, _ onEvent: @escaping (Event) -> Void
    ) {
      self.stream = stream
      self.reactor = reactor
      self.onEvent = onEvent
    }

    /// Whether the client is root or the agent's own user: others may only look.
    var mayAct: Bool {
      guard let user = try? stream.peer().userID else { return false }
      return user == 0 || user == ThisProcess.userID
    }

    /// Sends a result.
    func answer(_ request: AgentRequest, _ result: some Codable & Sendable) {
      send(AgentResponse(id: request.id, result: result, error: nil))
    }

    /// Sends a refusal.
    func refuse(_ id: Int, _ code: String, _ message: String) {
      let failure = AgentFailure(code: code, message: message)
      send(AgentResponse<Bool>(id: id, result: nil, error: failure))
    }

    fileprivate func open() {
      do throws(SystemError) {
        try reactor.watch(stream.rawValue, read: true, write: false) { [weak self] readiness in
          self?.serve(readiness)
        }
      } catch {
        close()
      }
    }

    fileprivate func close() {
      guard isOpen else { return }
      isOpen = false
      reactor.unwatch(stream.rawValue)
      onEvent(.closed(stream.rawValue))
    }

    private func send(_ response: some Encodable) {
      guard isOpen else { return }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      guard let line = try? encoder.encode(response) else { return close() }
      unsent += line + [UInt8(ascii: "\n")]
      flush()
    }

    private func serve(_ readiness: Readiness) {
      if readiness.contains(.writable) { flush() }
      if isOpen, !readiness.isDisjoint(with: [.readable, .hangUp, .failed]) { receive() }
    }

    private func flush() {
      do throws(SystemError) {
        while !unsent.isEmpty, let count = try stream.write(unsent) { unsent.removeFirst(count) }
        // A client that does not read gets no more requests served meanwhile.
        try reactor.change(stream.rawValue, read: unsent.isEmpty, write: !unsent.isEmpty)
      } catch {
        close()
      }
    }

    private func receive() {
      do throws(SystemError) {
        guard let octets = try stream.read(upTo: Self.longestRequest) else { return }
        guard !octets.isEmpty else { return close() }
        received += octets
      } catch {
        return close()
      }
      while isOpen, let end = received.firstIndex(of: UInt8(ascii: "\n")) {
        let line = Data(received[..<end])
        received.removeSubrange(...end)
        take(line)
      }
      if received.count > Self.longestRequest { close() }
    }

    private func take(_ line: Data) {
      do {
        onEvent(.request(try JSONDecoder().decode(AgentRequest.self, from: line), self))
      } catch {
        refuse(0, "bad-request", "the line is no request")
      }
    }
  }
}
