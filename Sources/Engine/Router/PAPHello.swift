internal import PAP

// `hello`: how a session begins (pap.md, section 7).

extension RouterState {
  /// Takes a message of session 0, which must be a `hello` tagged with a key of the host's.
  mutating func receiveHello(
    _ datagram: PAPDatagram, _ header: Header, _ claim: Authentication, host: HostIndex,
    now: Instant
  ) {
    guard let key = hosts[host].key(claim.keyID),
      Authenticator.verify(datagram.bytes, direction: .fromHost, key: key)
    else {
      refuseStranger(datagram, header, now: now)
      return
    }
    guard header.type == .hello else {
      counters.noSession += 1
      refuseUnproven(datagram, header, .noSession, now: now)
      return
    }
    answerHello(Hello(datagram, header, host: host, keyID: claim.keyID, key: key), claim, now: now)
  }

  private mutating func answerHello(_ hello: Hello, _ claim: Authentication, now: Instant) {
    let nonce: [UInt8]
    switch hello.nonce(sequence: claim.sequence) {
    case .success(let found): nonce = found
    case .failure(let refusal):
      send(hello.sealed(refusal.code, [], epoch: epoch), to: hello.datagram)
      return
    }
    if let pending = hosts[hello.host].sessions.pending(hostNonce: nonce, keyID: hello.keyID) {
      counters.repeated += 1
      send(pending.response, to: hello.datagram)
      return
    }
    guard hosts[hello.host].hellos.admit(at: now.monotonic) else {
      counters.rateLimited += 1
      refuse(hello.datagram, hello.header, .rateLimited, waitSeconds: 1)
      return
    }
    beginSession(hello, hostNonce: nonce, now: now)
  }

  private mutating func beginSession(_ hello: Hello, hostNonce: [UInt8], now: Instant) {
    let routerNonce = random.octets(WireFormat.nonceLength)
    let id = newSessionID(for: hello.host)
    let sessionKey = Authenticator.sessionKey(
      hostKey: hello.key, hostNonce: hostNonce, routerNonce: routerNonce)
    let response = hello.sealed(
      .success, [.session(id: id, nonce: routerNonce)] + holdings(of: hello.host), epoch: epoch)
    hosts[hello.host].sessions.add(
      PendingSession(
        session: Session(id: id, keyID: hello.keyID, key: sessionKey), hostNonce: hostNonce,
        response: response, expires: now.deadline(after: Sessions.pendingSeconds)))
    send(response, to: hello.datagram)
  }

  private mutating func newSessionID(for host: HostIndex) -> UInt32 {
    var id = random.nonZero()
    while hosts[host].sessions.session(id) != nil { id = random.nonZero() }
    return id
  }

  /// What a host learns at the start: the addresses, and what it holds.
  func holdings(of host: HostIndex) -> [Message.Option] {
    var options: [Message.Option] = [
      .externalAddress(policy.externalAddress),
      .tunnelEndpoint(policy.tunnelEndpoint, mtu: policy.tunnelMTU),
    ]
    if let slot = slots.slot(of: host) { options += slot.options }
    if let block = ports.block(of: host) {
      options.append(.ports(first: block.first, count: block.count))
    }
    return options
  }

  /// Sends an answer to where the request came from.
  mutating func send(_ answer: [UInt8], to datagram: PAPDatagram) {
    emit(.send(answer, to: datagram.source, from: datagram.local))
  }
}

extension Slot {
  /// The slot as a lease is told to its host.
  var options: [Message.Option] {
    [.spis(first: firstSPI.rawValue, count: Slot.spiCount), .ikeLabel(ikeLabel)]
  }
}

/// A `hello` whose tag is right.
private struct Hello {
  let datagram: PAPDatagram
  let header: Header
  let host: HostIndex
  let keyID: UInt32
  let key: SecretKey

  init(
    _ datagram: PAPDatagram, _ header: Header, host: HostIndex, keyID: UInt32, key: SecretKey
  ) {
    self.datagram = datagram
    self.header = header
    self.host = host
    self.keyID = keyID
    self.key = key
  }

  /// The host's nonce, or why the message is refused.
  func nonce(sequence: UInt32) -> Result<[UInt8], Refusal> {
    do {
      let message = try Message(decoding: datagram.bytes)
      if let unfit = message.unfitOption { return .failure(Refusal(unfit)) }
      guard let session = message.session, session.id == 0, sequence == 0 else {
        return .failure(Refusal(.malformed))
      }
      return .success(session.nonce)
    } catch {
      return .failure(Refusal(error.resultCode ?? .malformed))
    }
  }

  /// An answer under the host's own key.
  func sealed(_ code: ResultCode, _ options: [Message.Option], epoch: UInt32) -> [UInt8] {
    Authenticator.seal(
      header.response(code, epoch: epoch), options: options, direction: .fromRouter, key: key,
      keyID: keyID, sessionID: 0, sequence: 0)
  }
}
