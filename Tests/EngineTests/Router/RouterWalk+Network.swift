import Net
import PAP

@testable import Engine

// What the network does: messages that come late or not at all, the router's own, and strangers.

extension RouterWalk {
  /// A message that a host has sent, and what it asks for.
  struct Late {
    let host: TestHost
    let key: SecretKey
    let bytes: [UInt8]
    let entries: [Entry]
    /// Whether they are to be validated, or else invalidated.
    let validates: Bool
  }

  /// Sends a message that is delivered later, after others, or never.
  func sendLate(_ host: TestHost) {
    guard let key = host.session?.key else { return }
    let entries = (0..<Int.random(in: 1...3, using: &random)).map { _ in entry(of: host) }
    let validates = Bool.random(using: &random)
    let bytes = host.sealed(
      validates ? .addressValidate : .addressInvalidate,
      entries.map { validates ? .validAddress($0) : .invalidAddress($0) })
    if late.count >= 20 { late.removeFirst() }
    late.append(
      Late(host: host, key: key, bytes: bytes, entries: entries, validates: validates))
  }

  /// Delivers one: it acts as if it had been sent now, or not at all.
  func deliverLate() {
    guard !late.isEmpty else { return }
    let one = late.remove(at: Int.random(in: 0..<late.count, using: &random))
    let before = Snapshot(lab.state)
    let answers = lab.deliver(one.bytes, from: one.host.source)
    overheard.append((one.bytes, one.host.source))
    guard let answer = answers.first, let message = try? Message(decoding: answer) else {
      return check(false, "no answer to a late message")
    }
    guard Authenticator.verify(answer, direction: .fromRouter, key: one.key),
      message.code != .replayed
    else {
      note("late refused")
      check(
        [.noSession, .replayed].contains(message.code)
          || (isGone(one.host) && message.code == .notAuthenticated), "late: \(message.code)")
      return check(Snapshot(lab.state) == before, "a late message was refused, and has acted")
    }
    note("late accepted")
    apply(one, message)
  }

  private func isGone(_ host: TestHost) -> Bool { model.departed.contains(host.place) }

  private func apply(_ one: Late, _ answer: Message) {
    let place = one.host.place
    guard one.validates else { return model.invalidate(one.entries, host: place) }
    guard model.suspendedSince[place] == nil else {
      return check(answer.code == .prohibited, "a suspended host has validated late")
    }
    let wanted = model.validate(
      one.entries, host: place, wish: nil, now: lab.now.monotonic)
    check(answer.entryResults == wanted, "late: \(answer.entryResults ?? []), not \(wanted)")
  }

  /// Takes what the router has sent: a notice names nothing that its host has.
  func hear(_ bytes: [UInt8], at endpoint: Endpoint) {
    guard let message = try? Message(decoding: bytes), message.type == .withdrawNotice,
      !message.isResponse
    else { return }
    note("notice")
    guard let host = hosts.first(where: { $0.source == endpoint }),
      let session = message.authentication?.sessionID, let key = host.keys[session],
      Authenticator.verify(bytes, direction: .fromRouter, key: key)
    else { return check(false, "a notice that no host can trust") }
    check(!isGone(host), "a notice to a host that is gone")
    unconfirmed.append((host.place, message.transactionID))
    if unconfirmed.count > 50 { unconfirmed.removeFirst() }
    for entry in message.invalidAddresses {
      check(
        !lab.state.entries.contains {
          $0.host == "host\(host.place)" && $0.entry.address == entry.address
            && $0.entry.spiIn == entry.spiIn && $0.entry.ipsecProtocol == entry.ipsecProtocol
        }, "a notice takes \(entry) away, which is valid")
    }
  }

  /// A host confirms a notice, maybe an old one.
  func confirm() {
    guard let one = unconfirmed.randomElement(using: &random) else { return }
    let answers = hosts[one.place].confirm(one.transactionID).filter { effect in
      guard case .send(let bytes, _, _) = effect else { return false }
      return (try? Message(decoding: bytes))?.type != .withdrawNotice || bytes[1] & 0x80 != 0
    }
    check(answers.isEmpty, "a confirmation was answered")
    overheard.append((hosts[one.place].lastRequest, hosts[one.place].source))
  }
}

// MARK: - Strangers

extension RouterWalk {
  /// Nothing that a stranger sends may change anything.
  func attack(_ attack: () -> Void) {
    let table = lab.table
    let state = Snapshot(lab.state)
    attack()
    check(lab.table == table, "a stranger has changed the table")
    check(Snapshot(lab.state) == state, "a stranger has changed the state")
    note("attack")
  }

  func replay() {
    guard let (bytes, source) = overheard.randomElement(using: &random) else { return }
    _ = lab.deliver(bytes, from: source)
  }

  func forge(_ host: TestHost) {
    let entries = [Message.Option.validAddress(entry(of: host))]
    var bytes = host.sealed(.addressValidate, entries)
    let bit = Int.random(in: 0..<bytes.count * 8, using: &random)
    bytes[bit / 8] ^= 1 << UInt8(bit % 8)
    let answers = lab.deliver(bytes, from: host.source)
    check(answers.allSatisfy { $0.count <= bytes.count }, "more was answered than was sent")
  }

  func babble() {
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

  /// What the router said comes back as if a host had said it.
  func reflect() {
    let said = lab.trace.suffix(200).compactMap { effect -> ([UInt8], Endpoint)? in
      if case .send(let bytes, let endpoint, _) = effect { (bytes, endpoint) } else { nil }
    }
    guard let (said, endpoint) = said.randomElement(using: &random) else { return }
    var bytes = said
    if Bool.random(using: &random), bytes.count > 1 { bytes[1] ^= 0x80 }
    let answers = lab.deliver(bytes, from: endpoint)
    check(answers.allSatisfy { $0.count <= bytes.count }, "more was answered than was sent")
  }
}
