import Configuration
import Logging
import Net
import PAP

@testable import Engine

// The input is who speaks, how many octets come at once, and what a client sends. There action 0 is
// the order that was answered last: no input can know its number.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  var input = Input(start, count)
  let role = input.octet() & 1 == 0 ? Role.operator : .viewer
  let step = Int(input.octet()) + 1
  let rig = unchanged ?? ControlRig()
  var lines = LineBuffer(limit: ControlConnection.longestLine(for: role))
  do {
    while !input.isEmpty {
      lines.append(input.take(step))
      while let line = try lines.next() {
        rig?.answer(line, ControlUser(name: "ana", role: role))
      }
    }
  } catch {
    // The server ends the connection.
  }
  unchanged = rig?.isChanged == false ? rig : nil
  return 0
}

/// The router of the last input, if that left it as it was: it takes long to make one.
nonisolated(unsafe) private var unchanged: ControlRig?

/// A router without a TUN device, with two hosts that have leased a slot and ports.
private final class ControlRig {
  private let core: EngineCore
  private let handler: RequestHandler
  private(set) var isChanged = false
  /// The number of the order that was answered last, as the answer has it.
  private var lastAction: [UInt8] = Array("0".utf8)

  init?() {
    guard let configuration else { return nil }
    let log = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
    let now = Instant(monotonic: 100_000_000_000, wallClock: 1_763_826_001_000_000_000)
    core = EngineCore(
      configuration: configuration, keys: [[], []], queues: 1, epoch: 7,
      random: SeededRandom(seed: 1), log: log, clock: { now })
    handler = RequestHandler(core: core)
    handler.stop = { [unowned self] in isChanged = true }
    for (host, type) in [
      ("10.0.0.11", MessageType.securityRequest), ("10.0.0.11", .portRequest),
      ("10.0.0.12", .securityRequest), ("10.0.0.12", .portRequest),
    ] {
      lease(host, type)
    }
    for (place, reason) in DropReason.allCases.enumerated() {
      core.dropLog.add(drop(reason, UInt32(place)))
    }
    core.events.add(LogLine(.info, "hosta: leased"), at: now.wallClock)
  }

  private func drop(_ reason: DropReason, _ number: UInt32) -> DropRecord {
    var record = DropRecord()
    record.time = 99_000_000_000
    record.reason = reason
    record.direction = number & 1 == 0 ? .inbound : .outbound
    record.hasAddresses = number != 0
    record.source = 0xc000_0200 | number
    record.host = UInt16(number % 3)
    return record
  }

  private static let action = Array("\"action\":".utf8)

  private func lease(_ host: String, _ type: MessageType) {
    let wish =
      type == .portRequest
      ? Message.Option.ports(first: 0, count: 1_024) : .spis(first: 0, count: 65_536)
    let request = Message(type: type, transactionID: 1, epoch: 0, options: [wish])
    guard let source = Endpoint("\(host):7028"), let router = Endpoint("10.0.0.1:7028") else {
      return
    }
    core.handle([.datagram(request.encoded(), from: source, to: router)])
  }

  /// Answers as `ControlServer` does, and checks what a client may rely on.
  func answer(_ sent: [UInt8], _ user: ControlUser) {
    let line = sent.replacing(Array("\"action\":0".utf8), with: Self.action + lastAction)
    let changes = core.changes
    var id: JSONValue?
    var isRefused = false
    var answer: [UInt8]
    do throws(ControlError) {
      let request = try ControlJSON.request(line)
      id = request.id
      let result = try handler.answer(request, for: user).octets()
      answer = try ControlJSON.lineStart(id: id) + result + ControlJSON.lineEnd
    } catch {
      isRefused = true
      answer = ControlJSON.line(id: id, error: error)
    }
    if core.changes != changes { isChanged = true }
    if let start = answer.firstRange(of: Self.action)?.upperBound {
      let number = answer[start...].prefix { (0x30...0x39).contains($0) }
      if !number.isEmpty { lastAction = Array(number) }
    }
    require(answer.firstIndex(of: 10) == answer.count - 1, "an answer is one line")
    if isRefused || user.role == .viewer {
      require(core.changes == changes, "changed without a right or in spite of an error")
    }
  }
}

private let configuration = try? RouterConfiguration(
  text: """
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
    """, file: "router.toml")
