import Net
import PAP

@testable import Engine

/// A long random walk: hosts, operators, clocks and strangers do whatever they can do, and after each
/// step the router must agree with the model, and its forwarding table with both.
final class RouterWalk {
  let lab: RouterLab
  let hosts: [TestHost]
  var model: RouterModel
  var random: SeededRandom
  /// What was sent by hosts, for strangers to send again.
  var overheard: [(bytes: [UInt8], source: Endpoint)] = []
  /// What hosts have sent and the network has not delivered yet.
  var late: [Late] = []
  /// Notices that hosts have got and not confirmed.
  var unconfirmed: [(place: Int, transactionID: UInt32)] = []
  /// What went wrong first, or nil.
  private(set) var failure: String?
  private var steps = 0
  /// Steps from one comparison with a restarted router to the next: it costs more than the others.
  private static let restartInterval = 8
  /// How often each kind of step was taken: a walk that never gets anywhere proves nothing.
  private(set) var tally: [String: Int] = [:]
  private var forwarding: ForwardingTable

  static let mostEntries = 5
  static let mostClaims = 2
  static let peers = (1...8).map { address("192.0.2.\($0)") }
  static let neverPeers = ["10.0.0.12", "198.51.100.1", "127.0.0.1"].map(address)
  static let prefixes =
    peers.map { CIDR($0) } + ["192.0.2.4/30", "192.0.2.0/24", "0.0.0.0/0"].map(prefix)

  /// Every effect of the router's so far.
  var trace: [Effect] { lab.trace }

  init?(seed: UInt64, hostCount: Int = 4) {
    random = SeededRandom(seed: seed)
    lab = RouterLab((0..<hostCount).map { "host\($0)" }, seed: seed ^ 0x5eed) {
      $0.limits.entries = Self.mostEntries
      $0.limits.claimedSPIs = Self.mostClaims
    }
    let lab = lab
    forwarding = ForwardingTable(
      entryCapacity: 1 << 12, workers: 1, random: SeededRandom(seed: seed ^ 0x7ab1e))
    hosts = (0..<hostCount).compactMap { TestHost($0, in: lab) }
    model = RouterModel(policy: lab.state.policy)
    guard hosts.count == hostCount else { return nil }
    for change in lab.state.tableContents { forwarding.apply(change) }
    lab.observe = { [weak self] in self?.observe($0) }
  }

  /// Takes so many steps, or as many as go well.
  func walk(steps: Int) {
    for _ in 0..<steps where failure == nil {
      passTime()
      takeStep()
      compare()
    }
  }

  private func takeStep() {
    let host = anyHost
    switch Int.random(in: 0..<34, using: &random) {
    case 0: greet(host)
    case 1, 2: requestSlot(host)
    case 3: giveBackSlot(host)
    case 4: requestPorts(host)
    case 5: giveBackPorts(host)
    case 6...9: validate(host)
    case 10, 11: invalidate(host)
    case 12...14: synchronize(host)
    case 15, 16: claim(host)
    case 17: giveBackClaim(host)
    case 18: sendLate(host)
    case 19, 20: deliverLate()
    case 21: confirm()
    case 22, 23: operate()
    case 24: revoke()
    case 25, 26: attack { replay() }
    case 27: attack { forge(host) }
    case 28: attack { reflect() }
    case 29: reload()
    case 30: attack { speakUnknown() }
    case 31, 32: reconsider()
    default: attack { babble() }
    }
  }

  /// The hosts that are configured; never none.
  var known: [TestHost] { hosts.filter { !model.departed.contains($0.place) } }
  var anyHost: TestHost { known.randomElement(using: &random) ?? hosts[0] }

  private func passTime() {
    // Mostly little time, or leases would never be long enough for anything to happen.
    let seconds: Double
    switch Int.random(in: 0..<100, using: &random) {
    case 0: seconds = 4000
    case 1, 2: seconds = 601
    case 3...7: seconds = 125
    case 8...30: seconds = 7
    case 31...50: seconds = 0.001
    default: seconds = 0
    }
    lab.wait(seconds: seconds)
    model.advance(to: lab.now.monotonic)
    lab.step(.tick)
  }

  func note(_ kind: String) { tally[kind, default: 0] += 1 }

  func check(_ holds: Bool, _ what: @autoclosure () -> String) {
    if !holds, failure == nil { failure = what() }
  }

  /// Carries the effects of a step out, and looks at what the router says of itself.
  private func observe(_ effects: [Effect]) {
    for effect in effects {
      switch effect {
      case .table(let change): forwarding.apply(change)
      case .send(let bytes, let endpoint, _): hear(bytes, at: endpoint)
      case .store, .outcome, .rolledBack, .log: break
      }
    }
    forwarding.synchronize()
  }
}

// MARK: - Comparison

extension RouterWalk {
  private func compare() {
    model.advance(to: lab.now.monotonic)
    lab.step(.tick)
    check(lab.table.mistakes.isEmpty, "changes that make no sense: \(lab.table.mistakes)")
    check(lab.reusedWithinStep.isEmpty, "a row's number was given out twice in a step")
    check(lab.table == lab.claimedTable, "the changes do not add up to the state")
    steps += 1
    if steps.isMultiple(of: Self.restartInterval), let loss = lab.lossOverRestart {
      check(false, "after a restart: \(loss)")
    }
    compareEntries()
    compareLeases()
    for _ in 0..<4 { sendPacket() }
    compareHosts()
    checkBounds()
  }

  private func compareEntries() {
    let wanted = model.rows.map { row in
      let leaseEnd = row.origin == .host ? model.leaseEnd(row.host, row.entry.spiIn) : nil
      return Shown(
        host: "host\(row.host)", entry: row.entry, origin: row.origin,
        expires: row.expires ?? leaseEnd)
    }
    let got = lab.state.entries.map(Shown.init)
    check(Set(got) == Set(wanted) && got.count == wanted.count, "entries \(got), not \(wanted)")
    let revoked = Set(
      model.revoked.map { TableChange.insertRevocation($0.target, $0.host.map(number)) })
    check(lab.table.revocations == revoked, "revocations \(lab.table.revocations), not \(revoked)")
    let forbidden = model.rows.filter { model.isRevoked($0.entry.address, for: $0.host) }
    check(forbidden.isEmpty, "revoked and yet valid: \(forbidden)")
  }

  private func compareLeases() {
    let slots = Dictionary(uniqueKeysWithValues: model.slots.map { ($1.unit, number($0)) })
    check(lab.table.slots == slots, "slots \(lab.table.slots), not \(slots)")
    let claims = Dictionary(uniqueKeysWithValues: model.claims.map { ($0.spi, number($0.host)) })
    check(lab.table.claims == claims, "claims \(lab.table.claims), not \(claims)")
    let ports = Dictionary(uniqueKeysWithValues: model.ports.map { ($1.unit, number($0)) })
    check(lab.table.ports == ports, "ports \(lab.table.ports), not \(ports)")
  }

  private func compareHosts() {
    let wanted = Set(known.map { number($0.place) })
    check(Set(lab.table.hosts.keys) == wanted, "the table knows \(lab.table.hosts), not \(wanted)")
    let names = lab.state.hostViews.map(\.name)
    check(names == model.policy.hosts.map(\.name), "hosts \(names)")
    check(
      lab.state.hostViews.allSatisfy { "host\($0.index.rawValue - 1)" == $0.name },
      "a host has another's number")
  }

  /// A packet from outside goes where the model says, and nowhere else.
  private func sendPacket() {
    let source = Self.peers.randomElement(using: &random) ?? Self.peers[0]
    let held =
      model.slots.values.map(\.unit.firstSPI.rawValue).sorted()
      + model.claims.map(\.spi.rawValue).sorted()
    let spi = (held.randomElement(using: &random) ?? 0) &+ UInt32.random(in: 0...1, using: &random)
    let isESP = Bool.random(using: &random)
    let wanted = model.receiver(from: source, spi: SPI(rawValue: spi), isESP: isESP)
    let got = receiver(from: source.rawValue, spi: spi, isESP: isESP)
    check(got == wanted, "\(source) SPI \(spi) reaches \(got ?? -1), not \(wanted ?? -1)")
    if wanted != nil { note("packet passes") }
  }

  private func receiver(from source: UInt32, spi: UInt32, isESP: Bool) -> Int? {
    let reader = forwarding.reader
    let host = spi < SPI.firstUsable ? 0 : reader.host(ofSPI: spi)
    let record = reader.directory.record(of: host)
    guard host != 0, record.isActive, !reader.isRevoked(source, host: host),
      reader.entry(
        from: source, spi: spi, host: host, insideAddress: record.insideAddress,
        protocols: isESP ? CellMeta.esp : CellMeta.ah) != nil
    else { return nil }
    return Int(host) - 1
  }

  /// What is kept for a host has a bound, whatever it and others do.
  private func checkBounds() {
    // What came while a limit was greater is kept.
    let (entries, claimed) = (Self.mostEntries, Self.mostClaims)
    for host in lab.state.hosts.all {
      check(host.sessions.pending.count <= Sessions.mostPending, "too many pending sessions")
      check((host.unfinishedSet?.count ?? 0) <= entries, "an unfinished set is too large")
      check(
        host.withdrawals.count <= entries + claimed + 2 + WireFormat.mostEntries,
        "\(host.withdrawals.count) things wait to be told")
    }
    let claims = hosts.count * 2 * claimed
    check(lab.table.claims.count + lab.state.claims.quarantine.count <= claims, "too many claims")
  }

  func number(_ place: Int) -> HostIndex { HostIndex(rawValue: UInt16(place + 1)) }
}
