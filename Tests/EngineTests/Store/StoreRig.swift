import Configuration
import FoundationEssentials
import GRDB
import Logging
import Net
import PAP
import Testing

@testable import Engine

/// A router whose state is in a folder of its own, and that can be restarted.
final class StoreRig {
  static let router = Endpoint(address: address("10.0.0.1"), port: 7028)

  static let ana = AuditActor(userID: 1000, name: "ana", source: "192.0.2.5")

  let folder: String
  let clock = Clock()
  var hosts = ["hosta", "hostb", "hostc"]
  var externalAddress = "198.51.100.1"
  /// Names the run of the kernel; another one stands for a reboot.
  var boot = "boot 1"
  private(set) var core: EngineCore?
  /// PAP messages that were sent: to whom, and the code.
  private(set) var answers: [(String, UInt8)] = []
  /// Notices that were sent: to whom, and what.
  var notices: [(String, Message)] = []
  private var transaction: UInt32 = 0

  /// Clocks that stand until a test moves them.
  final class Clock {
    var now = Instant(monotonic: 100_000_000_000, wallClock: 1_763_826_001_000_000_000)

    func advance(seconds: UInt64) {
      now.monotonic += seconds * 1_000_000_000
      now.wallClock += seconds * 1_000_000_000
    }
  }

  init() throws {
    folder =
      FileManager.default.temporaryDirectory
      .appending(path: "dnat-store-\(UUID())", directoryHint: .isDirectory).path
    try File.makeDirectory(folder, mode: 0o700)
  }

  deinit {
    core = nil
    try? FileManager.default.removeItem(atPath: folder)
  }

  var path: String { "\(folder)/state.sqlite" }

  var opening: StoreOpening {
    StoreOpening(
      path: path, hosts: hosts, externalAddress: address(externalAddress), spiQuarantine: 600,
      portQuarantine: 120, boot: boot, monotonic: clock.now.monotonic,
      newEpoch: UInt32.random(in: 1...UInt32.max))
  }

  func configuration() throws -> RouterConfiguration {
    let text = """
      [router]
      external-address = "\(externalAddress)"
      tunnel-endpoint = "10.0.0.254"
      inside-networks = ["10.0.0.0/24"]
      [pap]
      listen = ["10.0.0.1:7028"]
      authentication = "none"
      """
    let tables = hosts.map { name in
      """

      [[host]]
      name = "\(name)"
      inside-address = "10.0.0.\(Self.number(of: name))"
      key-id = \(Self.number(of: name))
      """
    }
    return try RouterConfiguration(text: text + tables.joined(), file: "r.toml")
  }

  /// hosta is 11, hostb 12 and so on, whoever else is configured.
  private static func number(of name: String) -> UInt8 { name.utf8.last.map { $0 - 86 } ?? 0 }

  /// Starts the router on what is stored; a running one is dropped, as if it had been killed.
  @discardableResult
  func start() throws -> EngineCore {
    core = nil
    let store = try Store(opening)
    let configuration = try configuration()
    let policy = RouterPolicy(configuration, keys: hosts.map { _ in [] })
    var state = RouterState(
      policy: policy, epoch: store.epoch, random: SeededRandom(seed: UInt64(store.epoch)))
    let refused = try store.load(into: &state)
    try #require(refused == [])
    let clock = clock
    let core = EngineCore(
      configuration: configuration, state: state, storedIn: store, queues: 1,
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, clock: { clock.now })
    core.send = { [unowned self] octets, destination, _ in
      // Responses are one thing, what the router says of itself another.
      if octets[1] & 0x80 != 0 {
        answers.append(("\(destination.address)", octets[2]))
      } else if let message = try? Message(decoding: octets), message.type == .withdrawNotice {
        notices.append(("\(destination.address)", message))
      }
    }
    self.core = core
    return core
  }

  /// Ends the router, as if it had been killed.
  func drop() { core = nil }

  /// Ends the router and looks at its tables with a connection of its own.
  func edit<Value>(_ body: (Database) throws -> Value) throws -> Value {
    core = nil
    return try DatabaseQueue(path: path).write(body)
  }

  /// What a restart must not change.
  func snapshot() throws -> StateSnapshot { StateSnapshot(try #require(core).state) }

  /// Sends a request of a host; the codes of the answers.
  @discardableResult
  func ask(_ host: String, _ type: MessageType, _ options: [Message.Option]) -> [UInt8] {
    transaction += 1
    let message = Message(type: type, transactionID: transaction, epoch: 0, options: options)
    return send(host, message.encoded())
  }

  /// Sends octets of a host; the codes of the answers.
  @discardableResult
  func send(_ host: String, _ octets: [UInt8]) -> [UInt8] {
    answers = []
    let source = Endpoint(
      address: IPv4Address(rawValue: 10 << 24 | UInt32(Self.number(of: host))), port: 4000)
    core?.handle([.datagram(octets, from: source, to: Self.router)])
    return answers.map(\.1)
  }

  /// Has a host lease a slot, this one if it is to be had, and 1,024 ports.
  func lease(_ host: String, slot: UInt16 = 0, seconds: UInt32 = 3600) {
    let life = Message.Option.lifetime(seconds)
    ask(host, .securityRequest, [life, .spis(first: UInt32(slot) << 16, count: Slot.spiCount)])
    ask(host, .portRequest, [life, .ports(first: 0, count: 1024)])
  }

  /// Has a host validate an address; the codes of the answers.
  @discardableResult
  func validate(_ host: String, _ peer: String, seconds: UInt32? = nil) -> [UInt8] {
    let life = seconds.map { [Message.Option.lifetime($0)] } ?? []
    let entry = Entry(address: address(peer), ipsecProtocol: .esp)
    return ask(host, .addressValidate, life + [.validAddress(entry)])
  }

  /// Gives an operator's command.
  @discardableResult
  func order(_ command: OperatorCommand) throws -> CommandOutcome {
    let order = Order(command, by: Self.ana)
    return try #require(core?.perform(order, via: "ctl").first)
  }

  /// A bit of everything that can be stored.
  func live() throws {
    lease("hosta", slot: 0x1111)
    lease("hostb", slot: 0x2222, seconds: 600)
    validate("hosta", "192.0.2.10")
    validate("hosta", "192.0.2.11", seconds: 300)
    validate("hostb", "192.0.2.10")
    for spi: UInt32 in [0x7777_0001, 0x7777_0002] {
      ask("hosta", .securityRequest, [.spis(first: spi, count: 1)])
    }
    ask("hosta", .securityInvalidate, [.spis(first: 0x7777_0002, count: 1)])
    ask("hostb", .portInvalidate, [.ports(first: portsOfB, count: 1024)])
    try order(.validate(address("192.0.2.12"), host: "hosta", protocol: .ah, seconds: 86_400))
    try order(.revoke(prefix("203.0.113.0/24"), reason: "flood", by: "ana"))
    try order(.revoke(prefix("192.0.2.66"), host: "hostb", seconds: 7200, by: "ana"))
    try order(.suspend(host: "hostb"))
  }

  private var portsOfB: UInt16 { core?.state.hostView(named: "hostb")?.ports?.first ?? 0 }
}

extension EngineCore {
  /// The newest rows of the audit log, as a client gets them.
  func auditReport(last limit: Int) throws -> [AuditReportRow] {
    try JSONDecoder().decode(
      [AuditReportRow].self,
      from: Data(
        ControlAnswer.rows(auditRows(last: limit, where: { _ in true })).octets()))
  }

  /// What a client is told of the chain.
  func auditFinding() throws -> AuditCheck {
    try JSONDecoder().decode(
      AuditCheck.self, from: Data(ControlAnswer.later(auditCheck()).octets()))
  }
}

/// All of a state that must survive a restart, as text.
struct StateSnapshot: Equatable {
  let lines: [String]

  init(_ state: RouterState) {
    let hosts = state.hostViews.map { host in
      "\(host.name) \(host.state == .suspended) \(String(describing: host.slot)) "
        + "\(String(describing: host.slotExpires)) \(String(describing: host.ports)) "
        + "\(String(describing: host.portsExpire)) \(host.spisClaimed) \(String(describing: host.endpoint))"
    }
    lines =
      ["\(state.epoch) \(state.lastingDeadlines)"] + hosts
      + state.entries.map(\.lasting).sorted() + state.revocationViews.map(\.lasting)
      + state.untold.map { "\($0)" }
  }
}
