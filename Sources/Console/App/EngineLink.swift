internal import Engine
internal import FoundationEssentials

/// The way to the engine: requests out, events in.
///
/// It never waits: while there is no engine, requests are forgotten, and each `connect` tries
/// again.
final class EngineLink {
  private let socketPath: String
  private var client: ControlClient?
  // The number that the socket knows a request by, with that of the model.
  private var sent: [Int: (id: Int, request: Request)] = [:]

  init(socketPath: String) {
    self.socketPath = socketPath
  }

  /// The descriptor to watch; nil while there is no engine.
  var descriptor: Int32? { client?.descriptor }
  /// Whether requests wait to be written.
  var hasOutgoing: Bool { client?.hasOutgoing ?? false }

  /// Tries to reach the engine, if it is not reached already.
  func connect() -> Event? {
    guard client == nil else { return nil }
    do {
      client = try ControlClient(socketPath: socketPath)
      return .linked
    } catch {
      return .unlinked(error.message)
    }
  }

  /// Sends a request; says if the engine has gone.
  func send(_ request: Request, id: Int) -> Event? {
    guard let client else { return nil }
    let (verb, arguments) = EngineCodec.encode(request)
    do {
      sent[try client.send(verb, arguments)] = (id, request)
      return nil
    } catch {
      return lose(error)
    }
  }

  /// Writes what waits and reads what has come.
  func exchange() -> [Event] {
    guard let client else { return [] }
    do {
      try client.flush()
      return try client.receive().compactMap(event)
    } catch {
      return [lose(error)]
    }
  }

  private func event(_ incoming: ControlIncoming) -> Event? {
    switch incoming {
    case .event: return .changed
    case .reply(let number, let result):
      guard let (id, request) = sent.removeValue(forKey: number) else { return nil }
      return .reply(id: id, EngineCodec.decode(result, for: request))
    }
  }

  private func lose(_ error: ControlClientError) -> Event {
    client = nil
    sent = [:]
    return .unlinked(error.message)
  }
}
