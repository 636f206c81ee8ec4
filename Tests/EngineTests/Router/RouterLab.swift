import Net
import PAP

@testable import Engine

/// A router without a network, and what its data path would know: each change of the table is kept.
final class RouterLab {
  /// What a forwarding table holds, in the most naive form.
  struct Table: Equatable {
    var hosts: [HostIndex: TableChange] = [:]
    var slots: [Slot: HostIndex] = [:]
    var claims: [SPI: HostIndex] = [:]
    var ports: [PortBlock: HostIndex] = [:]
    var entries: [EntryID: TableChange] = [:]
    var revocations: Set<TableChange> = []
    /// Changes that make no sense: something removed that is not there, or added that is.
    var mistakes: [TableChange] = []
  }

  static let local = Endpoint(address: address("10.0.0.1"), port: 7028)

  var state: RouterState
  /// Every host there has been, in the order of their numbers.
  private(set) var everyHost: [HostIdentity]
  var now = Instant.after(0)
  var table = Table()
  /// What a store has been told.
  private(set) var stored = StoredRows()
  private(set) var trace: [Effect] = []
  /// Sees what each step does, once it is done.
  var observe: ([Effect]) -> Void = { _ in }
  /// Numbers of entries that one step removed and then gave out again: must stay empty.
  var reusedWithinStep: Set<EntryID> = []

  init(
    _ names: [String] = ["hosta", "hostb"], seed: UInt64 = 1,
    adjust: (inout RouterPolicy) -> Void = { _ in }
  ) {
    let identities = names.enumerated().map { Self.identity($0, name: $1) }
    var policy = RouterPolicy(
      externalAddress: address("198.51.100.1"), tunnelEndpoint: address("10.0.0.254"),
      insideNetworks: [CIDR(address("10.0.0.0"), prefixLength: 24)], hosts: identities)
    policy.limits.requestsPerSecond = 1_000_000
    adjust(&policy)
    everyHost = policy.hosts
    state = RouterState(policy: policy, epoch: 0x1234, random: SeededRandom(seed: seed))
    for change in state.tableContents { table.apply(change) }
  }

  static func key(_ place: Int) -> SecretKey? {
    SecretKey([UInt8](repeating: UInt8(place + 1), count: 32))
  }

  static func insideAddress(_ place: Int) -> IPv4Address {
    IPv4Address(rawValue: address("10.0.0.11").rawValue + UInt32(place))
  }

  /// Lets time pass, without a tick.
  func wait(seconds: Double) {
    now = Instant(
      monotonic: now.monotonic + UInt64(seconds * 1e9),
      wallClock: now.wallClock + UInt64(seconds * 1e9))
  }

  /// Puts an event to the router and keeps what it does to the table.
  @discardableResult
  func step(_ event: Event) -> [Effect] {
    var effects = state.step(event, now: now)
    while state.isUnfinished { effects += state.finish(now: now) }
    trace += effects
    var removed: Set<EntryID> = []
    for effect in effects {
      switch effect {
      case .table(let change):
        table.apply(change)
        if case .removeEntry(let id) = change { removed.insert(id) }
        if case .insertEntry(let id, _, _) = change, removed.contains(id) {
          reusedWithinStep.insert(id)
        }
      case .store(let change): stored.apply(change)
      case .send, .outcome, .rolledBack, .log: break
      }
    }
    observe(effects)
    return effects
  }

  /// Changes the configuration.
  @discardableResult
  func reload(_ adjust: (inout RouterPolicy) -> Void) -> [Effect] {
    var policy = state.policy
    adjust(&policy)
    for host in policy.hosts where !everyHost.contains(where: { $0.name == host.name }) {
      everyHost.append(host)
    }
    return step(.reload(policy))
  }

  /// Who the host that comes at this place is.
  static func identity(_ place: Int, name: String) -> HostIdentity {
    HostIdentity(
      name: name, keys: key(place).map { [.init(id: UInt32(place + 1), secret: $0)] } ?? [],
      insideAddress: insideAddress(place))
  }

  /// Gives an order; an outcome for each command.
  @discardableResult
  func give(_ order: Order) -> [CommandOutcome] { outcomes(of: .order(order)) }

  /// What an operator is told of an event.
  func outcomes(of event: Event) -> [CommandOutcome] {
    step(event).compactMap { if case .outcome(let outcome) = $0 { outcome } else { nil } }
  }

  /// Gives an operator's command.
  @discardableResult
  func order(_ command: OperatorCommand) -> CommandOutcome? {
    for effect in step(.command(command)) {
      if case .outcome(let outcome) = effect { return outcome }
    }
    return nil
  }

  /// Sends octets; the answers.
  func deliver(_ bytes: [UInt8], from source: Endpoint) -> [[UInt8]] {
    step(.datagram(bytes, from: source, to: Self.local)).compactMap {
      if case .send(let answer, source, Self.local) = $0 { answer } else { nil }
    }
  }

  /// The table that the state itself says it has.
  var claimedTable: Table {
    var table = Table()
    for change in state.tableContents { table.apply(change) }
    return table
  }

  /// The entries for people, in order: `hosta 192.0.2.10 esp 0x7c010001`.
  var entries: [String] { state.entries.map { "\($0.host) \($0.entry.label)" }.sorted() }
}

extension RouterLab.Table {
  mutating func apply(_ change: TableChange) {
    var makesSense = true
    switch change {
    case .setHost(let host, _, _): hosts[host] = change
    case .removeHost(let host): makesSense = hosts.removeValue(forKey: host) != nil
    case .setSlot(let slot, let host):
      makesSense = (slots[slot] == nil) != (host == nil)
      slots[slot] = host
    case .setClaim(let spi, let host):
      makesSense = (claims[spi] == nil) != (host == nil)
      claims[spi] = host
    case .setPorts(let block, let host):
      makesSense = (ports[block] == nil) != (host == nil)
      ports[block] = host
    case .insertEntry(let id, _, _):
      makesSense = entries.updateValue(change, forKey: id) == nil
    case .removeEntry(let id): makesSense = entries.removeValue(forKey: id) != nil
    case .insertRevocation: makesSense = revocations.insert(change).inserted
    case .removeRevocation(let target, let host):
      makesSense = revocations.remove(.insertRevocation(target, host)) != nil
    }
    if !makesSense { mistakes.append(change) }
  }
}

extension Event {
  /// An operator, nobody in particular, wants one thing.
  static func command(_ command: OperatorCommand) -> Event { .order(Order(command)) }
}

/// The address of a dotted quad that the test's author has spelt right.
func address(_ text: String) -> IPv4Address {
  IPv4Address(text) ?? IPv4Address(rawValue: 0)
}

/// The prefix of a text that the test's author has spelt right.
func prefix(_ text: String) -> CIDR {
  CIDR(text) ?? CIDR(IPv4Address(rawValue: 0))
}
