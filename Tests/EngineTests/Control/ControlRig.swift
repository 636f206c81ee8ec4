import Configuration
import FoundationEssentials
import Logging
import Net
import PAP
import Testing

@testable import Engine

/// A router without a TUN device and its control server, on a loop that a test drives.
final class ControlRig {
  static let configuration = """
    [router]
    external-address = "198.51.100.1"
    tunnel-endpoint = "10.0.0.254"
    inside-networks = ["10.0.0.0/24"]
    [pap]
    listen = ["10.0.0.1:7028"]
    authentication = "none"
    [[host]]
    name = "hosta"
    inside-address = "10.0.0.11"
    key-id = 1
    [[host]]
    name = "hostb"
    inside-address = "10.0.0.12"
    key-id = 2
    """

  let core: EngineCore
  let handler: RequestHandler
  let server: ControlServer
  let reactor: Reactor
  private(set) var clock = Clock()

  /// A clock that stands until a test moves it.
  final class Clock {
    var now = Instant(monotonic: 100_000_000_000, wallClock: 1_763_826_001_000_000_000)

    func advance(seconds: UInt64) {
      now.monotonic += seconds * 1_000_000_000
      now.wallClock += seconds * 1_000_000_000
    }
  }

  init() throws {
    let configuration = try RouterConfiguration(text: Self.configuration, file: "r.toml")
    let clock = Clock()
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    core = EngineCore(
      configuration: configuration, keys: [[], []], queues: 1, epoch: 7,
      random: SeededRandom(seed: 1), log: log, clock: { clock.now })
    self.clock = clock
    reactor = try Reactor()
    handler = RequestHandler(core: core)
    server = ControlServer(core: core, handler: handler, reactor: reactor)
  }

  /// Has both hosts lease a slot and ports.
  func lease() throws {
    for address in ["10.0.0.11", "10.0.0.12"] {
      for (number, type) in [MessageType.securityRequest, .portRequest].enumerated() {
        let message = Message(
          type: type, transactionID: UInt32(number + 1), epoch: 0,
          options: [
            type == .portRequest ? .ports(first: 0, count: 1_024) : .spis(first: 0, count: 65_536)
          ])
        core.handle([
          .datagram(
            message.encoded(), from: try #require(Endpoint("\(address):7028")),
            to: try #require(Endpoint("10.0.0.1:7028")))
        ])
      }
    }
    try #require(core.state.slotCount == 2)
  }

  /// The answer to a request as any JSON value.
  func ask(
    _ verb: String, _ arguments: [String: JSONValue] = [:], role: Role = .operator
  ) throws -> JSONValue {
    let request = ControlRequest(id: nil, verb: verb, arguments: arguments)
    let user = ControlUser(name: "ana", role: role)
    return try JSONDecoder().decode(
      JSONValue.self, from: Data(handler.answer(request, for: user).octets()))
  }

  /// The end of a connection that the server has adopted.
  func connect(_ role: Role = .operator) throws -> UnixStream {
    let (ours, theirs) = try UnixStream.pair()
    try server.adopt(theirs, as: ControlUser(name: "ana", role: role))
    return ours
  }

  /// Runs the loop until the server has said so many lines to a client, or hung up.
  func lines(_ count: Int, from client: UnixStream) throws -> [String] {
    var received: [UInt8] = []
    var isOver = false
    func lineCount() -> Int { received.count { $0 == 10 } }
    try reactor.watch(client.rawValue, read: true, write: false) { [reactor] _ in
      let more = (try? client.read()) ?? []
      received += more
      isOver = more.isEmpty
      if isOver || lineCount() >= count { reactor.stop() }
    }
    reactor.run()
    reactor.unwatch(client.rawValue)
    return String(decoding: received, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}

extension JSONValue {
  /// The keys of an object, sorted; those of the first element of an array.
  var keys: [String] {
    switch self {
    case .object(let members): members.keys.sorted()
    case .array(let elements): elements.first?.keys ?? []
    default: []
    }
  }

  subscript(key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  subscript(index: Int) -> JSONValue? {
    if case .array(let elements) = self, elements.indices.contains(index) {
      elements[index]
    } else {
      nil
    }
  }
}
