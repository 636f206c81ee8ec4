import Engine
import PAP

@testable import Host
@testable import Net

/// Many agents and the real router's core, with a network between them that does as it is told and a
/// clock that jumps from one event to the next.
final class Fleet {
  /// What the network does to datagrams.
  struct Network: CustomStringConvertible, Sendable {
    /// Of a hundred datagrams, so many are lost.
    var loss = 0
    /// Of a hundred that are not lost, so many come twice.
    var duplication = 0
    /// The most milliseconds that one takes: with more than a few, later ones overtake it.
    var longestDelay = 0

    var description: String {
      "\(loss) % lost, \(duplication) % twice, up to \(longestDelay) ms"
    }
  }

  /// One host: its agent and the associations that its IKE daemon would have.
  struct Member {
    var agent: Agent
    let address: Endpoint
    /// The low 16 bits of its associations' SPIs.
    var associations: [UInt16] = [1]
    var timer: TimerID?
  }

  static let listening = Endpoint(address: IPv4Address(rawValue: 0x0a00_0001), port: 7_028)

  var network = Network()
  private(set) var router: RouterState
  private(set) var members: [Member] = []
  private(set) var now: UInt64 = 1_000_000_000
  /// Datagrams that agents sent.
  private(set) var sent = 0
  private let policy: RouterPolicy
  private var timers = TimerHeap()
  private var random: SeededRandom

  init(hosts: Int, seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let keys = (0..<hosts).map { _ in SecretKey(random.octets(32)) ?? .random() }
    self.random = random
    let identities = (0..<hosts).map { place in
      HostIdentity(
        name: "host\(place)", keys: [.init(id: UInt32(place + 1), secret: keys[place])],
        insideAddress: Self.endpoint(place).address)
    }
    policy = RouterPolicy(
      externalAddress: IPv4Address(rawValue: 0xc633_6401),
      tunnelEndpoint: IPv4Address(rawValue: 0x0a00_fffe), insideNetworks: [], hosts: identities)
    router = RouterState(policy: policy, epoch: 1, random: .init(seed: seed))
    for place in 0..<hosts {
      var own = SeededRandom(seed: seed &* 31 &+ UInt64(place))
      let identity = Agent.Identity(
        name: "host\(place)", keyID: UInt32(place + 1), key: keys[place],
        // 200 blocks of 1,024 ports do not exist.
        ports: place < 32 ? 1_024 : 0)
      members.append(
        Member(
          agent: Agent(identity: identity, randomness: Randomness { own.octets($0) }),
          address: Self.endpoint(place)))
    }
  }

  private static func endpoint(_ place: Int) -> Endpoint {
    Endpoint(address: IPv4Address(rawValue: 0x0a00_0100 + UInt32(place)), port: 40_000)
  }

  /// Starts all agents within so many seconds.
  func start(within seconds: Double) {
    for place in members.indices {
      after(Double(random.index(below: 1_000)) / 1_000 * seconds) { [unowned self] in
        feed(.start, to: place)
        desire(place)
      }
    }
  }

  /// The router starts anew with nothing, as after a crash of one that keeps its state in memory.
  func loseRouter(newEpoch: UInt32) {
    router = RouterState(
      policy: policy, epoch: newEpoch, random: .init(seed: UInt64(newEpoch)))
  }

  /// An IKE daemon makes a new association beside or in place of the old one.
  func rekeyOne() {
    let place = random.index(below: members.count)
    let new = UInt16(truncatingIfNeeded: random.next()) | 1
    members[place].associations = [new] + members[place].associations.prefix(random.index(below: 2))
    desire(place)
  }

  /// Lets time pass.
  func pass(_ seconds: Double) {
    let end = now + UInt64(seconds * 1e9)
    while let due = timers.nextDeadline, due <= end {
      now = max(now, due)
      while let body = timers.takeDue(at: now) { body() }
    }
    now = end
    carryOut(router.step(.tick, now: instant))
  }

  /// What a host's router should hold: each association, and every SPI for its peer.
  func wanted(_ place: Int) -> Set<Entry> {
    guard let slot = members[place].agent.leases.slot else { return [] }
    let peer = IPv4Address(rawValue: 0xc000_0200 + UInt32(place % 250))
    let own = members[place].associations.map { low in
      Entry(
        address: peer, ipsecProtocol: .esp,
        spiIn: SPI(rawValue: slot.firstSPI.rawValue | UInt32(low)))
    }
    return Set(own + [Entry(address: peer, ipsecProtocol: .esp)])
  }

  /// What the router holds for it.
  func held(_ place: Int) -> Set<Entry> {
    Set(router.entries(ofHost: "host\(place)").map(\.entry))
  }

  private var instant: Instant { Instant(monotonic: now, wallClock: now) }

  private func after(_ seconds: Double, _ body: @escaping () -> Void) {
    _ = timers.add(deadline: now + UInt64(seconds * 1e9), interval: nil, body)
  }

  private func desire(_ place: Int) {
    let entries = wanted(place).map { (EntryKey($0), $0) }
    feed(.desire(Dictionary(uniqueKeysWithValues: entries)), to: place)
  }

  private func feed(_ event: AgentEvent, to place: Int) {
    for effect in members[place].agent.step(event, now: Moment(nanoseconds: now)) {
      switch effect {
      case .send(let octets):
        sent += 1
        transmit { [unowned self] in
          let from = members[place].address
          carryOut(router.step(.datagram(octets, from: from, to: Self.listening), now: instant))
        }
      case .leases: desire(place)
      default: break
      }
    }
    if let timer = members[place].timer { timers.cancel(timer) }
    members[place].timer = members[place].agent.deadline.map { due in
      timers.add(deadline: max(due.nanoseconds, now), interval: nil) { [unowned self] in
        feed(.timer, to: place)
      }
    }
  }

  private func carryOut(_ effects: [Effect]) {
    for case .send(let octets, let destination, _) in effects {
      guard let place = members.firstIndex(where: { $0.address == destination }) else { continue }
      transmit { [unowned self] in feed(.datagram(octets), to: place) }
    }
  }

  private func transmit(_ deliver: @escaping () -> Void) {
    guard random.index(below: 100) >= network.loss else { return }
    let copies = random.index(below: 100) < network.duplication ? 2 : 1
    for _ in 0..<copies {
      after(Double(random.index(below: network.longestDelay + 1)) / 1_000, deliver)
    }
  }
}
