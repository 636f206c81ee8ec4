internal import FoundationEssentials
internal import Net

/// Asks a running agent, and waits for its answer.
enum AgentClient {
  /// Why there was no result.
  enum Failure: Error, CustomStringConvertible {
    /// Nobody listens at the socket.
    case noAgent(String)
    /// The agent's own reason.
    case refused(AgentFailure)
    /// The connection broke or made no sense.
    case broken(String)

    var description: String {
      switch self {
      case .noAgent(let reason): "no agent: \(reason)"
      case .refused(let failure): failure.message
      case .broken(let reason): reason
      }
    }
  }

  /// Seconds to wait for an answer.
  ///
  /// Longer than the agent waits for the router's.
  private static let patience = 10.0
  /// The longest answer, octets.
  private static let longestAnswer = 64 << 20

  /// Sends one request and returns the result.
  static func ask<Result: Codable & Sendable>(
    _ socket: String, _ verb: AgentRequest.Verb, _ arguments: AgentRequest.Arguments? = nil
  ) throws(Failure) -> Result {
    let stream = try connect(socket)
    let line = try exchange(
      stream, AgentRequest(id: 1, verb: verb, arguments: arguments))
    let response: AgentResponse<Result>
    do {
      response = try JSONDecoder().decode(AgentResponse<Result>.self, from: line)
    } catch {
      throw .broken("the agent's answer cannot be read")
    }
    if let failure = response.error { throw .refused(failure) }
    guard let result = response.result else { throw .broken("the agent's answer is empty") }
    return result
  }

  private static func connect(_ socket: String) throws(Failure) -> UnixStream {
    do throws(SystemError) {
      return try UnixStream(connectingTo: socket)
    } catch {
      switch error.code {
      case SystemError.Code.noSuchFile, SystemError.Code.connectionRefused:
        throw .noAgent("\(error)")
      default: throw .broken("\(error)")
      }
    }
  }

  private static func exchange(
    _ stream: UnixStream, _ request: AgentRequest
  ) throws(Failure) -> Data {
    do {
      var unsent = Array(try JSONEncoder().encode(request)) + [UInt8(ascii: "\n")]
      while !unsent.isEmpty { unsent.removeFirst(try stream.write(unsent) ?? 0) }
      var received: [UInt8] = []
      while received.last != UInt8(ascii: "\n"), received.count <= longestAnswer {
        let ready = try Readiness.wait(
          on: stream.rawValue, for: .readable, atMost: patience)
        guard !ready.isEmpty else { throw Failure.broken("the agent does not answer") }
        guard let octets = try stream.read() else { continue }
        guard !octets.isEmpty else { throw Failure.broken("the agent closed the connection") }
        received += octets
      }
      return Data(received)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw .broken("\(error)")
    }
  }
}
