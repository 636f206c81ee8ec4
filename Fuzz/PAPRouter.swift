import Net
import PAP

@testable import Engine

// The input is a conversation with a router: one octet says whether it asks for proof, one is the
// seed, one how many requests a second it takes; then for each datagram one octet of flags, two of
// milliseconds since the last, two of length, and the octets. The router and its hosts are those of
// pap-sessions.json.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  var input = Input(start, count)
  guard let talk = Talk(&input) else { return -1 }
  for _ in 0..<32 where !input.isEmpty { talk.step(&input) }
  return 0
}

/// One conversation, and what the data path and the hosts learn from it.
private final class Talk {
  private enum Flag {
    /// From the second host.
    static let secondHost: UInt8 = 1
    /// With the tag as it is; otherwise it is made right.
    static let keepTag: UInt8 = 2
    /// From the address of no host.
    static let stranger: UInt8 = 4
    /// Seconds instead of milliseconds.
    static let slow: UInt8 = 8
  }

  private static let router = Endpoint(
    address: IPv4Address(rawValue: 0x0a00_0001), port: 7028)

  private let keys: [SecretKey]
  private var state: RouterState
  private var table = RouterLab.Table()
  private var sessions: [UInt32: SecretKey] = [:]
  private var now = Instant.after(0)

  init?(_ input: inout Input) {
    let keys = [0, 0x20].compactMap { first in SecretKey([UInt8](first..<first + 32)) }
    guard keys.count == 2 else { return nil }
    self.keys = keys
    let hosts = ["hosta", "hostb"].enumerated().map { place, name in
      HostIdentity(
        name: name, keys: [.init(id: UInt32(place + 1), secret: keys[place])],
        insideAddress: IPv4Address(rawValue: 0x0a00_000b + UInt32(place)))
    }
    var policy = RouterPolicy(
      externalAddress: IPv4Address(rawValue: 0xc633_6401),
      tunnelEndpoint: IPv4Address(rawValue: 0x0a00_00fe),
      insideNetworks: [CIDR(IPv4Address(rawValue: 0x0a00_0000), prefixLength: 24)], hosts: hosts)
    policy.authentication = input.octet() & 1 == 0 ? .none : .required
    let random = SeededRandom(seed: UInt64(input.octet()))
    policy.limits.requestsPerSecond = max(1, Int(input.octet()))
    policy.entryCapacity = 1024
    state = RouterState(policy: policy, epoch: 0x5eed_1234, random: random)
    for change in state.tableContents { table.apply(change) }
  }

  func step(_ input: inout Input) {
    let flags = input.octet()
    let wait = UInt64(input.word()) * (flags & Flag.slow == 0 ? 1_000_000 : 1_000_000_000)
    now = Instant(monotonic: now.monotonic + wait, wallClock: now.wallClock + wait)
    var octets = input.take(input.word())
    let host = flags & Flag.secondHost == 0 ? 0 : 1
    if flags & Flag.keepTag == 0 { tag(&octets, direction: 0) { key($0, host) } }
    let isStranger = flags & Flag.stranger != 0
    let source = Endpoint(
      address: IPv4Address(rawValue: 0x0a00_000b + UInt32(isStranger ? 80 : host)), port: 40_000)
    let effects = state.step(.datagram(octets, from: source, to: Self.router), now: now)
    for effect in effects { take(effect, for: octets, from: source, host) }
    check()
  }

  private func take(
    _ effect: Effect, for request: [UInt8], from source: Endpoint, _ host: Int
  ) {
    switch effect {
    case .table(let change): table.apply(change)
    case .send(let answer, let destination, let local):
      require(local == Self.router && answer.count <= 1400, "no answer")
      if destination == source { learn(from: answer, to: request, host) }
    case .outcome, .rolledBack: preconditionFailure("an outcome without a command")
    case .store, .log: break
    }
  }

  /// The data path holds what the state says it holds, and no change of it made no sense.
  private func check() {
    var claimed = RouterLab.Table()
    for change in state.tableContents { claimed.apply(change) }
    require(table.mistakes.isEmpty, "a change that makes no sense: \(table.mistakes)")
    require(claimed == table, "the data path holds something else")
  }

  /// Keeps the key of the session that a `hello` began.
  private func learn(from answer: [UInt8], to request: [UInt8], _ host: Int) {
    guard let header = Header(reading: answer), header.isResponse else { return }
    guard let ours = try? Message(decoding: request), ours.type == .hello,
      case .session(_, let hostNonce)? = ours.options.first(where: { $0.kind == .session }),
      let theirs = try? Message(decoding: answer),
      case .session(let id, let nonce)? = theirs.options.first(where: { $0.kind == .session })
    else { return }
    sessions[id] = Authenticator.sessionKey(
      hostKey: keys[host], hostNonce: hostNonce, routerNonce: nonce)
  }

  private func key(_ said: Authentication, _ host: Int) -> SecretKey? {
    said.sessionID == 0 ? keys[host] : sessions[said.sessionID]
  }
}

extension Instant {
  /// Some moment and so many milliseconds.
  static func after(_ milliseconds: UInt64) -> Instant {
    Instant(
      monotonic: 1_000_000_000_000 + milliseconds * 1_000_000,
      wallClock: 1_700_000_000_000_000_000 + milliseconds * 1_000_000)
  }
}
