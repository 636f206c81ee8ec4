internal import Engine
internal import FoundationEssentials
internal import Net

/// What the engine sent: an answer, or an event of a subscription.
enum ControlIncoming {
  /// The answer to the request of that number: the result as JSON, or the refusal.
  case reply(id: Int, Result<Data, ControlError>)
  /// A pushed event: its name, and the whole line as JSON.
  case event(String, Data)
}

/// Why talking to the engine failed.
enum ControlClientError: Error {
  /// Nobody listens at the socket.
  case noEngine(String)
  /// The user may not connect.
  case notPermitted(String)
  /// The engine has gone, or what it says makes no sense.
  case broken(String)
  /// The engine refused the request.
  case refused(ControlError)

  /// A sentence for people, safe to print.
  var message: String {
    switch self {
    case .noEngine(let text), .notPermitted(let text), .broken(let text): text
    case .refused(let error): error.message
    }
  }
}

/// A client of the control socket (design.md, section 5).
///
/// Used on one thread.
///
/// Either `call` and wait, or `send`, watch `descriptor`, and `receive` what has come.
final class ControlClient {
  private let stream: UnixStream
  private var outgoing: [UInt8] = []
  // An answer with all rows of a large table is one line.
  private var lines = LineBuffer(limit: 1 << 30)
  private var hasEnded = false
  private var lastID = 0

  /// The descriptor to watch.
  var descriptor: Int32 { stream.rawValue }
  /// Whether something waits to be written: watch for that too, and call `flush`.
  var hasOutgoing: Bool { !outgoing.isEmpty }

  /// Connects to the engine at a socket.
  init(socketPath: String) throws(ControlClientError) {
    do {
      stream = try UnixStream(connectingTo: socketPath)
    } catch {
      throw Self.connectionError(error, socketPath)
    }
  }

  private static func connectionError(
    _ error: SystemError, _ path: String
  ) -> ControlClientError {
    switch error.code {
    case SystemError.Code.noSuchFile, SystemError.Code.connectionRefused:
      .noEngine("no engine answers at \(path); start one with dnat-console run")
    case SystemError.Code.permissionDenied:
      .notPermitted("\(error); members of the operator and viewer groups may connect")
    default: .broken("\(error)")
    }
  }

  /// Sends a request and returns its number.
  ///
  /// What the kernel does not take now waits for `flush`.
  @discardableResult
  func send(
    _ verb: String, _ arguments: [String: JSONValue] = [:]
  ) throws(ControlClientError) -> Int {
    lastID += 1
    let request = ControlRequest(id: .integer(Int64(lastID)), verb: verb, arguments: arguments)
    do {
      outgoing += try JSONEncoder().encode(request)
    } catch {
      throw .broken("cannot write the request: \(error)")
    }
    outgoing.append(UInt8(ascii: "\n"))
    try flush()
    return lastID
  }

  /// Writes what waits, as far as the kernel takes it.
  func flush() throws(ControlClientError) {
    do {
      while !outgoing.isEmpty, let count = try stream.write(outgoing) {
        outgoing.removeFirst(count)
      }
    } catch {
      throw .broken("the engine has gone: \(error.reason)")
    }
  }

  /// Everything that has come since the last call, without waiting.
  ///
  /// - Throws: when the engine has gone, once all that it said before has been handed out.
  func receive() throws(ControlClientError) -> [ControlIncoming] {
    try fill()
    var incoming: [ControlIncoming] = []
    do {
      while let line = try lines.next() { incoming.append(try Self.parse(Data(line))) }
    } catch let error as ControlClientError {
      throw error
    } catch {
      throw .broken("the engine's answer is too long")
    }
    if incoming.isEmpty, hasEnded { throw .broken("the engine has gone") }
    return incoming
  }

  private func fill() throws(ControlClientError) {
    do {
      while !hasEnded, let octets = try stream.read() {
        hasEnded = octets.isEmpty
        lines.append(octets)
      }
    } catch {
      throw .broken("the engine has gone: \(error.reason)")
    }
  }

  /// Sends a request and waits for its answer, at most `seconds`.
  ///
  /// Events that come meanwhile are lost.
  func callRaw(
    _ verb: String, _ arguments: [String: JSONValue] = [:], atMost seconds: Double = 30
  ) throws(ControlClientError) -> Data {
    let id = try send(verb, arguments)
    let deadline = MonotonicClock.now() + UInt64(seconds * 1e9)
    while MonotonicClock.now() < deadline {
      try wait(until: deadline)
      try flush()
      for case .reply(id, let result) in try receive() {
        do {
          return try result.get()
        } catch {
          throw .refused(error)
        }
      }
    }
    throw .broken("the engine does not answer")
  }

  /// Sends a request, waits for its answer, and reads that.
  func call<Value: Decodable>(
    _ verb: String, _ arguments: [String: JSONValue] = [:], as type: Value.Type = Value.self
  ) throws(ControlClientError) -> Value {
    try Self.decode(type, from: try callRaw(verb, arguments))
  }

  /// Reads a result or an event.
  static func decode<Value: Decodable>(
    _ type: Value.Type, from data: Data
  ) throws(ControlClientError) -> Value {
    do {
      return try JSONDecoder().decode(type, from: data)
    } catch {
      throw .broken("the engine's answer cannot be read; it may be of another version")
    }
  }

  private func wait(until deadline: UInt64) throws(ControlClientError) {
    let now = MonotonicClock.now()
    let left = deadline > now ? Double(deadline - now) / 1e9 : 0
    do {
      let wanted: Readiness = hasOutgoing ? [.readable, .writable] : .readable
      _ = try Readiness.wait(on: descriptor, for: wanted, atMost: left)
    } catch {
      throw .broken("\(error)")
    }
  }

  private static func parse(_ line: Data) throws(ControlClientError) -> ControlIncoming {
    struct Head: Decodable {
      var id: Int?
      var event: String?
      var error: ControlError?
    }
    let head = try decode(Head.self, from: line)
    if let event = head.event { return .event(event, line) }
    // A request that cannot be read is refused without a number.
    if let error = head.error { return .reply(id: head.id ?? 0, .failure(error)) }
    guard let id = head.id, let result = result(in: line) else {
      throw .broken("the engine's answer is neither a result nor an error")
    }
    return .reply(id: id, .success(result))
  }

  // The engine writes {"id":1,"result":...} in exactly this form, so the result need not be taken
  // apart and put together again.
  private static func result(in line: Data) -> Data? {
    guard let range = line.firstRange(of: Data("\"result\":".utf8)) else { return nil }
    return Data(line[range.upperBound...].dropLast())
  }
}
