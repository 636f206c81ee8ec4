package import Net

/// The UDP side of PAP: datagrams become events, and answers datagrams.
///
/// It decides nothing. Used on the reactor's thread.
package final class PAPServer {
  /// How many datagrams are taken from a socket in one round of the reactor, so that a flood of them
  /// cannot keep the control socket and the timers waiting.
  package static let mostPerRound = 64

  private let reactor: Reactor
  private let sockets: [UDPSocket]
  private let handle: ([Event]) -> Void

  /// Listens on each endpoint.
  ///
  /// - Parameters:
  ///   - endpoints: Inside addresses and ports.
  ///   - reactor: What to wait on.
  ///   - handle: Takes the events of one round, puts them to `RouterState`, and carries out the
  ///     effects: first every change of the table, then, once each worker is past them, `send`.
  /// - Throws: What binding a socket failed with, such as `EADDRINUSE`.
  package init(
    listeningOn endpoints: [Endpoint], reactor: Reactor, handle: @escaping ([Event]) -> Void
  ) throws(SystemError) {
    self.reactor = reactor
    self.handle = handle
    var sockets: [UDPSocket] = []
    for endpoint in endpoints { sockets.append(try UDPSocket(boundTo: endpoint)) }
    self.sockets = sockets
    for socket in sockets {
      try reactor.watch(socket.rawValue, read: true, write: false) { [weak self] _ in
        self?.receive(from: socket)
      }
    }
  }

  deinit { stop() }

  /// Where the server listens; a port is the kernel's choice where 0 was asked for.
  package var endpoints: [Endpoint] { sockets.map(\.local) }

  /// Sends a message from one of the server's endpoints.
  ///
  /// One that the kernel does not take is lost, as any datagram may be: the host asks again.
  package func send(_ bytes: [UInt8], to destination: Endpoint, from source: Endpoint) {
    guard let socket = sockets.first(where: { $0.local == source }) else { return }
    _ = try? socket.send(bytes, to: destination)
  }

  /// Listens no longer.
  package func stop() {
    for socket in sockets { reactor.unwatch(socket.rawValue) }
  }

  private func receive(from socket: UDPSocket) {
    var events: [Event] = []
    // An error here is one of an earlier send, such as an unreachable host: it ends the round.
    while events.count < Self.mostPerRound, let datagram = try? socket.receive() {
      events.append(.datagram(datagram.bytes, from: datagram.source, to: socket.local))
    }
    if !events.isEmpty { handle(events) }
  }
}
