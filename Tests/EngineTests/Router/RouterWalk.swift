import Net
import PAP

@testable import Engine

/// A long random walk: hosts, operators, clocks and strangers do whatever they can do, and after each
/// step the router must agree with the model.
final class RouterWalk {
  private let lab: RouterLab
  private let hosts: [TestHost]
  private var model: RouterModel
  private var random: SeededRandom
  /// What was sent by hosts, for strangers to send again.
  private var overheard: [(bytes: [UInt8], source: Endpoint)] = []
  /// What went wrong first, or nil.
  private(set) var failure: String?
  /// How often each kind of step was taken: a walk that never gets anywhere proves nothing.
  private(set) var tally: [String: Int] = [:]

  private static let peers = (1...8).map { address("192.0.2.\($0)") }
  private static let neverPeers = ["10.0.0.12", "198.51.100.1", "127.0.0.1"].map(address)
  private static let prefixes =
    peers.map { CIDR($0) } + ["192.0.2.4/30", "192.0.2.0/24", "0.0.0.0/0"].map(prefix)

  /// Every effect of the router's so far.
  var trace: [Effect] { lab.trace }

  init?(seed: UInt64, hostCount: Int = 4) {
    random = SeededRandom(seed: seed)
    lab = RouterLab((0..<hostCount).map { "host\($0)" }, seed: seed ^ 0x5eed) {
      $0.limits.entries = 5
    }
    let lab = lab
    hosts = (0..<hostCount).compactMap { TestHost($0, in: lab) }
    model = RouterModel(policy: lab.state.policy)
    guard hosts.count == hostCount else { return nil }
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
    let host = hosts.randomElement(using: &random) ?? hosts[0]
    switch Int.random(in: 0..<20, using: &random) {
    case 0: greet(host)
    case 1, 2: requestSlot(host)
    case 3: giveBackSlot(host)
    case 4: requestPorts(host)
    case 5: giveBackPorts(host)
    case 6...10: validate(host)
    case 11, 12: invalidate(host)
    case 13, 14: operate()
    case 15: revoke()
    case 16, 17: attack { replay() }
    case 18: attack { forge(host) }
    default: attack { babble() }
    }
  }

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

  private func note(_ kind: String) { tally[kind, default: 0] += 1 }

  private func check(_ holds: Bool, _ what: @autoclosure () -> String) {
    if !holds, failure == nil { failure = what() }
  }

  // MARK: Hosts

  private func ask(
    _ host: TestHost, _ type: MessageType, _ options: [Message.Option]
  ) -> (code: ResultCode, message: Message)? {
    let answer = host.ask(type, options)
    overheard.append((host.lastRequest, host.source))
    if overheard.count > 200 { overheard.removeFirst() }
    guard let answer else {
      check(false, "no valid answer to \(type) \(options)")
      return nil
    }
    note("\(type.name) \(answer.code.name)")
    return (answer.code, answer)
  }

  private func greet(_ host: TestHost) {
    check(host.hello() != nil, "no answer to hello")
    overheard.append((host.lastRequest, host.source))
    _ = ask(
      host, .addressInvalidate, [.invalidAddress(entry(of: host, address: address("192.0.2.200")))])
  }

  private var lifetime: UInt32? {
    [nil, 0, 120, 200, 1000, 5000].randomElement(using: &random) ?? nil
  }

  private func option(_ lifetime: UInt32?) -> [Message.Option] {
    lifetime.map { [.lifetime($0)] } ?? []
  }

  private func end(_ wish: UInt32?) -> UInt64 {
    lab.now.deadline(after: min(max(wish ?? 3600, 120), 86_400))
  }

  private func requestSlot(_ host: TestHost) {
    let wish = lifetime
    // Few slots, so that hosts wish for each other's.
    let slot = [0, 0, 7, 8, 9].randomElement(using: &random) ?? 0
    let spis = Message.Option.spis(first: UInt32(slot) << 16, count: Slot.spiCount)
    guard let (code, answer) = ask(host, .securityRequest, option(wish) + [spis]) else { return }
    guard model.suspendedSince[host.place] == nil else {
      return check(code == .prohibited, "a suspended host has got \(code)")
    }
    guard let first = answer.spis?.first, let granted = SPI(rawValue: first).slot else {
      return check(false, "no slot but \(code)")
    }
    if let held = model.slots[host.place] {
      check(held.unit == granted, "slot \(held.unit) has become \(granted)")
    }
    check(
      model.allows(granted, for: host.place, at: lab.now.monotonic),
      "slot \(granted) was not to be had by host \(host.place)")
    model.slots[host.place] = .init(unit: granted, end: end(wish))
  }

  private func giveBackSlot(_ host: TestHost) {
    let held = model.slots.values.map(\.unit).sorted().randomElement(using: &random)
    guard let slot = held ?? Slot(rawValue: 7) else { return }
    let isOwn = model.slots[host.place]?.unit == slot
    let spis = Message.Option.spis(first: slot.firstSPI.rawValue, count: Slot.spiCount)
    let code = ask(host, .securityInvalidate, [spis])?.code
    check(
      code == (isOwn ? .success : .notYours), "gave back slot \(slot): \(String(describing: code))")
    if isOwn { model.endSlot(host.place, at: lab.now.monotonic) }
  }

  private func requestPorts(_ host: TestHost) {
    let wish = lifetime
    let first: UInt16 = [0, 0, 1024, 2048, 8192].randomElement(using: &random) ?? 0
    let count: UInt16 = [0, 1, 1024, 1025, 4096].randomElement(using: &random) ?? 0
    guard
      let (code, answer) = ask(
        host, .portRequest, option(wish) + [.ports(first: first, count: count)])
    else { return }
    guard model.suspendedSince[host.place] == nil else {
      return check(code == .prohibited, "a suspended host has got \(code)")
    }
    guard let ports = answer.ports, let block = PortBlock(first: ports.first, count: ports.count)
    else { return check(false, "no ports but \(code)") }
    if let held = model.ports[host.place] {
      check(held.unit == block, "ports \(held.unit) have become \(block)")
    }
    check(
      model.allows(block, for: host.place, at: lab.now.monotonic),
      "ports \(block) were not to be had by host \(host.place)")
    check(!block.contains(500) && !block.contains(4500), "IKE's ports were leased")
    model.ports[host.place] = .init(unit: block, end: end(wish))
  }

  private func giveBackPorts(_ host: TestHost) {
    let blocks = model.ports.values.map(\.unit).sorted { $0.first < $1.first }
    guard let block = blocks.randomElement(using: &random) else { return }
    let isOwn = model.ports[host.place]?.unit == block
    let code = ask(host, .portInvalidate, [.ports(first: block.first, count: block.count)])?.code
    check(code == (isOwn ? .success : .notYours), "gave back \(block): \(String(describing: code))")
    if isOwn { model.endPorts(host.place, at: lab.now.monotonic) }
  }

  private func entry(of host: TestHost, address: IPv4Address? = nil) -> Entry {
    let own = model.slots[host.place]?.unit.firstSPI.rawValue ?? 0x0007_0000
    let others = model.slots.values.map(\.unit).sorted().randomElement(using: &random)
    let spis: [UInt32?] = [nil, nil, nil, own, own, own + 1, own + 1, others?.lastSPI.rawValue, 5]
    let spi = spis.randomElement(using: &random) ?? nil
    let outbound: [UInt32?] = [nil, nil, 0xbeef, 0xcafe]
    let spiOut = outbound.randomElement(using: &random) ?? nil
    return Entry(
      address: address ?? peer,
      ipsecProtocol: IPsecProtocol.allCases.randomElement(using: &random) ?? .any,
      spiIn: spi.map(SPI.init(rawValue:)), spiOut: spiOut.map(SPI.init(rawValue:)))
  }

  private var peer: IPv4Address {
    let isOdd = Int.random(in: 0..<20, using: &random) == 0
    return (isOdd ? Self.neverPeers : Self.peers).randomElement(using: &random) ?? Self.peers[0]
  }

  private func validate(_ host: TestHost) {
    if model.slots[host.place] == nil, Bool.random(using: &random) { requestSlot(host) }
    let wish = lifetime
    let entries = (0..<Int.random(in: 1...4, using: &random)).map { _ in entry(of: host) }
    let asked = ask(host, .addressValidate, option(wish) + entries.map { .validAddress($0) })
    guard let (code, answer) = asked else { return }
    guard model.suspendedSince[host.place] == nil else {
      return check(code == .prohibited, "a suspended host has validated: \(code)")
    }
    let wanted = model.validate(
      entries, host: host.place, wish: wish, now: lab.now.monotonic)
    for code in wanted { note("entry \(code.name)") }
    check(
      answer.entryResults == wanted && code == wanted.first { $0 != .success } ?? .success,
      "\(entries): \(answer.entryResults ?? []), not \(wanted)")
  }

  private func invalidate(_ host: TestHost) {
    let entries = (0..<Int.random(in: 1...3, using: &random)).map { _ in entry(of: host) }
    let code = ask(host, .addressInvalidate, entries.map { .invalidAddress($0) })?.code
    check(code == .success, "invalidating: \(String(describing: code))")
    model.invalidate(entries, host: host.place)
  }

  // MARK: Operators

  private func order(_ command: OperatorCommand, succeeds: Bool) {
    guard let outcome = lab.order(command) else { return check(false, "no answer to \(command)") }
    switch outcome {
    case .success: check(succeeds, "\(command) was obeyed")
    case .failure(let error): check(!succeeds, "\(command): \(error)")
    }
    note("command \(succeeds ? "obeyed" : "refused")")
  }

  private func operate() {
    let host = hosts.randomElement(using: &random) ?? hosts[0]
    let name = "host\(host.place)"
    let now = lab.now.monotonic
    switch Int.random(in: 0..<8, using: &random) {
    case 0:
      order(.suspend(host: name), succeeds: true)
      if model.suspendedSince[host.place] == nil { model.suspendedSince[host.place] = now }
    case 1, 2, 3:
      order(.resume(host: name), succeeds: true)
      model.resume(host.place, at: now)
    case 4, 5: operatorValidates(host, name)
    default:
      let peer = peer
      let all = Bool.random(using: &random)
      let doomed = model.rows.filter {
        $0.entry.address == peer && (all || $0.host == host.place)
      }
      order(.invalidate(peer, host: all ? nil : name), succeeds: !doomed.isEmpty)
      model.rows.removeAll { doomed.contains($0) }
    }
  }

  private func operatorValidates(_ host: TestHost, _ name: String) {
    var entry = entry(of: host)
    entry.spiOut = nil
    let seconds = lifetime
    let refusal = seconds == 0 ? ResultCode.malformed : model.refusal(entry, host: host.place)
    order(
      .validate(
        entry.address, host: name, protocol: entry.ipsecProtocol, spi: entry.spiIn,
        seconds: seconds), succeeds: refusal == nil)
    guard refusal == nil else { return }
    let expires = seconds.map { lab.now.deadline(after: $0) }
    if let place = model.index(host.place, entry) {
      model.rows[place].origin = .operator
      model.rows[place].expires = expires
    } else {
      model.rows.append(
        .init(host: host.place, entry: entry, origin: .operator, expires: expires))
    }
  }

  private func revoke() {
    let target = Self.prefixes.randomElement(using: &random) ?? Self.prefixes[0]
    let host: Int? = ([nil] + hosts.map { $0.place }).randomElement(using: &random) ?? nil
    let name = host.map { "host\($0)" }
    let place = model.revoked.firstIndex { $0.target == target && $0.host == host }
    guard Int.random(in: 0..<3, using: &random) == 0 else {
      order(.unrevoke(target, host: name), succeeds: place != nil)
      if let place { model.revoked.remove(at: place) }
      return
    }
    let seconds: UInt32? = [nil, 60, 500].randomElement(using: &random) ?? nil
    order(
      .revoke(target, host: name, seconds: seconds, by: "root"), succeeds: true)
    let expires = seconds.map { lab.now.deadline(after: $0) }
    if let place { model.revoked.remove(at: place) }
    model.revoked.append(.init(target: target, host: host, expires: expires))
    model.rows.removeAll {
      target.contains($0.entry.address) && (host == nil || $0.host == host)
    }
  }

  // MARK: Strangers

  /// Nothing that a stranger sends may change anything.
  private func attack(_ attack: () -> Void) {
    let table = lab.table
    let state = Snapshot(lab.state)
    attack()
    check(lab.table == table, "a stranger has changed the table")
    check(Snapshot(lab.state) == state, "a stranger has changed the state")
    note("attack")
  }

  private func replay() {
    guard let (bytes, source) = overheard.randomElement(using: &random) else { return }
    _ = lab.deliver(bytes, from: source)
  }

  private func forge(_ host: TestHost) {
    let entries = [Message.Option.validAddress(entry(of: host))]
    var bytes = host.sealed(.addressValidate, entries)
    let bit = Int.random(in: 0..<bytes.count * 8, using: &random)
    bytes[bit / 8] ^= 1 << UInt8(bit % 8)
    let answers = lab.deliver(bytes, from: host.source)
    check(answers.allSatisfy { $0.count <= bytes.count }, "more was answered than was sent")
  }

  private func babble() {
    let source = hosts.randomElement(using: &random)?.source ?? RouterLab.local
    var bytes = random.octets(Int.random(in: 0..<200, using: &random))
    if bytes.count >= 16, Bool.random(using: &random) {
      bytes[0] = 2
      bytes[1] = UInt8.random(in: 0...11, using: &random)
      bytes[4] = 0
      bytes[5] = UInt8(bytes.count)
    }
    let answers = lab.deliver(bytes, from: source)
    check(answers.allSatisfy { $0.count <= bytes.count }, "more was answered than was sent")
  }

  // MARK: Comparison

  private func compare() {
    check(lab.table.mistakes.isEmpty, "changes that make no sense: \(lab.table.mistakes)")
    check(lab.reusedWithinStep.isEmpty, "a row's number was given out twice in a step")
    check(lab.table == lab.claimedTable, "the changes do not add up to the state")
    let wanted = model.rows.map { row in
      let leaseEnd = row.origin == .host ? model.slots[row.host]?.end : nil
      return Shown(
        host: "host\(row.host)", entry: row.entry, origin: row.origin,
        expires: row.expires ?? leaseEnd)
    }
    let got = lab.state.entries.map(Shown.init)
    check(Set(got) == Set(wanted) && got.count == wanted.count, "entries \(got), not \(wanted)")
    check(
      lab.table.slots
        == Dictionary(uniqueKeysWithValues: model.slots.map { ($1.unit, number($0)) }),
      "slots \(lab.table.slots), not \(model.slots)")
    check(
      lab.table.ports
        == Dictionary(uniqueKeysWithValues: model.ports.map { ($1.unit, number($0)) }),
      "ports \(lab.table.ports), not \(model.ports)")
    let revoked = Set(
      model.revoked.map { TableChange.insertRevocation($0.target, $0.host.map(number)) })
    check(lab.table.revocations == revoked, "revocations \(lab.table.revocations), not \(revoked)")
    let forbidden = model.rows.filter { model.isRevoked($0.entry.address, for: $0.host) }
    check(forbidden.isEmpty, "revoked and yet valid: \(forbidden)")
  }

  private func number(_ place: Int) -> HostIndex { HostIndex(rawValue: UInt16(place + 1)) }
}
