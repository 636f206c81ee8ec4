internal import Logging
internal import PAP

// What goes to the router and what comes from it (pap.md, sections 2, 3 and 7).

extension Agent {
  mutating func sendHello(now: Moment) {
    let nonce = identity.key == nil ? [] : randomness.octets(16)
    let transactionID = randomness.number()
    let octets = helloOctets(transactionID, nonce)
    hello = Hello(
      nonce: nonce, transactionID: transactionID, octets: octets,
      retransmission: Retransmission(sentAt: now, jitter: randomness.jitter()))
    wantsHello = false
    nextHello = now.advanced(bySeconds: Self.helloInterval)
    effects.append(.send(octets))
  }

  /// Without authentication there is no session to begin: the hello only asks what there is.
  private func helloOctets(_ transactionID: UInt32, _ nonce: [UInt8]) -> [UInt8] {
    var message = Message(
      type: .hello, transactionID: transactionID, epoch: epoch, options: [.hostName(identity.name)])
    guard let key = identity.key else { return message.encoded() }
    message.options.insert(.session(id: 0, nonce: nonce), at: 0)
    return Authenticator.seal(
      message, direction: .fromHost, key: key, keyID: identity.keyID, sessionID: 0, sequence: 0)
  }

  /// Sends a new hello in place of one that has grown old, at the same slow pace.
  mutating func renewHello(now: Moment) {
    let pace = hello?.retransmission
    sendHello(now: now)
    if let pace { hello?.retransmission = pace }
  }

  mutating func send(_ kind: RequestKind, now: Moment) {
    let message = Message(
      type: kind.type, transactionID: randomness.number(), epoch: epoch, options: options(of: kind))
    guard let octets = sealed(message) else { return }
    switch kind {
    case .validate(let list), .synchronize(let list, _, _): entries.sent(list)
    default: break
    }
    request = Request(
      kind: kind, transactionID: message.transactionID, octets: octets,
      retransmission: Retransmission(sentAt: now, jitter: randomness.jitter()))
    effects.append(.send(octets))
  }

  /// A message as it goes out in this session; nil without one.
  mutating func sealed(_ message: Message) -> [UInt8]? {
    guard var current = session else { return nil }
    guard let key = current.key else { return message.encoded() }
    current.sequence &+= 1
    // Long before the numbers run out, and that is after years, a new session begins.
    if current.sequence > .max / 2 { wantsHello = true }
    session = current
    return Authenticator.seal(
      message, direction: .fromHost, key: key, keyID: identity.keyID, sessionID: current.id,
      sequence: current.sequence)
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
    case .synchronize(let list, let index, let total):
      [.part(index: index, total: total)] + list.map { .validAddress($0) }
    case .claim(let spi), .giveBackClaim(let spi): [.spis(first: spi.rawValue, count: 1)]
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
      return noteUnreadable(error)
    }
    guard isProven(message, octets) else {
      if message.authentication == nil { takeHint(message) }
      return
    }
    if message.type == .withdrawNotice, !message.isResponse {
      receiveNotice(message, octets, now: now)
    } else if message.isResponse {
      receiveResponse(message, now: now)
    }
  }

  /// Whether a message is the router's for sure: tagged with the key that its session demands.
  ///
  /// Without authentication everything is, but an announcement, which is never more than a hint.
  private func isProven(_ message: Message, _ octets: [UInt8]) -> Bool {
    guard let hostKey = identity.key else { return message.type != .announce }
    guard let authentication = message.authentication, authentication.keyID == identity.keyID else {
      return false
    }
    if message.type == .hello {
      return authentication.sessionID == 0 && authentication.sequence == 0
        && Authenticator.verify(octets, direction: .fromRouter, key: hostKey)
    }
    guard let session, let key = session.key, authentication.sessionID == session.id else {
      return false
    }
    return Authenticator.verify(octets, direction: .fromRouter, key: key)
  }

  private mutating func receiveResponse(_ message: Message, now: Moment) {
    if message.type == .hello { return receiveHello(message, now: now) }
    if let sequence = message.authentication?.sequence {
      guard session?.received.accept(sequence) == true else { return }
    }
    noteAnswer(now: now)
    noteEpoch(message.epoch)
    guard let waiting = request, waiting.transactionID == message.transactionID,
      waiting.kind.type == message.type
    else { return }
    request = nil
    complete(waiting.kind, message, now: now)
  }

  /// Says what is wrong with a datagram, and who should look at it.
  private mutating func noteUnreadable(_ error: PAPDecodingError) {
    if let header = error.header, header.transactionID == hello?.transactionID,
      header.codeOctet == ResultCode.unsupportedVersion.rawValue
    {
      return log(.error, "the router speaks version \(header.version) of PAP, this agent 2")
    }
    log(.debug, "the router's datagram is no PAP message: \(error)")
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
    claims.askAgain()
    entries.forget()
    synchronization = nil
    wantsSynchronization = true
  }
}
