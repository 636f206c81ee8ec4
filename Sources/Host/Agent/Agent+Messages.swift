internal import Logging
internal import PAP

// What goes to the router and what comes from it (pap.md, sections 2, 3 and 7).

extension Agent {
  mutating func sendHello(now: Moment) {
    let nonce = randomness.octets(16)
    let transactionID = randomness.number()
    let message = Message(
      type: .hello, transactionID: transactionID, epoch: epoch,
      options: [.session(id: 0, nonce: nonce), .hostName(identity.name)])
    let octets = Authenticator.seal(
      message, direction: .fromHost, key: identity.key, keyID: identity.keyID, sessionID: 0,
      sequence: 0)
    hello = Hello(
      nonce: nonce, transactionID: transactionID, octets: octets,
      retransmission: Retransmission(sentAt: now, jitter: randomness.jitter()))
    wantsHello = false
    nextHello = now.advanced(bySeconds: Self.helloInterval)
    effects.append(.send(octets))
  }

  /// Sends a new hello in place of one that has grown old, at the same slow pace.
  mutating func renewHello(now: Moment) {
    let pace = hello?.retransmission
    sendHello(now: now)
    if let pace { hello?.retransmission = pace }
  }

  mutating func send(_ kind: RequestKind, now: Moment) {
    guard var current = session else { return }
    current.sequence &+= 1
    // Long before the numbers run out, and that is after years, a new session begins.
    if current.sequence > .max / 2 { wantsHello = true }
    session = current
    let message = Message(
      type: kind.type, transactionID: randomness.number(), epoch: epoch, options: options(of: kind))
    let octets = Authenticator.seal(
      message, direction: .fromHost, key: current.key, keyID: identity.keyID,
      sessionID: current.id, sequence: current.sequence)
    if case .validate(let list) = kind { entries.sent(list) }
    request = Request(
      kind: kind, transactionID: message.transactionID, octets: octets,
      retransmission: Retransmission(sentAt: now, jitter: randomness.jitter()))
    effects.append(.send(octets))
  }

  private func options(of kind: RequestKind) -> [Message.Option] {
    switch kind {
    // What is held is asked for by name, so that a router that lost its state may give it back.
    case .leaseSPIs:
      [.spis(first: slot.value?.slot.firstSPI.rawValue ?? 0, count: Slot.spiCount)]
    case .leasePorts: [.ports(first: ports.value?.first ?? 0, count: identity.ports)]
    case .validate(let list): list.map { .validAddress($0) }
    case .invalidate(let list): list.map { .invalidAddress($0) }
    case .command(let command):
      command.action == .validate
        ? [.validAddress(command.entry)] : [.invalidAddress(command.entry)]
    case .giveBackSPIs(let slot): [.spis(first: slot.firstSPI.rawValue, count: Slot.spiCount)]
    case .giveBackPorts(let block): [.ports(first: block.first, count: block.count)]
    }
  }

  /// Takes a datagram of the router in.
  ///
  /// What cannot be proven to be the router's changes no state but the wish for a new session.
  mutating func receive(_ octets: [UInt8], now: Moment) {
    let message: Message
    do {
      message = try Message(decoding: octets)
    } catch {
      return log(.debug, "the router's datagram is no PAP message: \(error)")
    }
    guard let authentication = message.authentication else { return takeHint(message) }
    guard message.isResponse, authentication.keyID == identity.keyID else { return }
    if message.type == .hello {
      receiveHello(message, authentication, octets, now: now)
    } else {
      receiveResponse(message, authentication, octets, now: now)
    }
  }

  private mutating func receiveResponse(
    _ message: Message, _ authentication: Authentication, _ octets: [UInt8], now: Moment
  ) {
    guard var current = session, authentication.sessionID == current.id,
      Authenticator.verify(octets, direction: .fromRouter, key: current.key),
      current.received.accept(authentication.sequence)
    else { return }
    session = current
    noteAnswer(now: now)
    noteEpoch(message.epoch)
    guard let waiting = request, waiting.transactionID == message.transactionID,
      waiting.kind.type == message.type
    else { return }
    request = nil
    complete(waiting.kind, message, now: now)
  }

  /// What an untagged message may do: have us say hello again.
  private mutating func takeHint(_ message: Message) {
    if message.type == .announce, !message.isResponse, phase == .running {
      wantsHello = true
      return
    }
    guard message.isResponse, message.code.mayBeUntagged else { return }
    if message.transactionID == hello?.transactionID {
      log(.warning, "the router refuses the hello: \(message.code) (unproven)")
    } else if message.transactionID == request?.transactionID, phase == .running {
      log(.debug, "the router answers \(message.code) (unproven)")
      if message.code == .noSession || message.code == .notAuthenticated { wantsHello = true }
    }
  }

  /// The router's state has another number: all that it held for this host is lost.
  mutating func noteEpoch(_ new: UInt32) {
    defer { if new != 0 { epoch = new } }
    guard new != 0, epoch != 0, new != epoch else { return }
    log(.warning, "the router lost its state: leases and validations are asked for again")
    slot.askAgain()
    ports.askAgain()
    entries.forget()
  }
}
