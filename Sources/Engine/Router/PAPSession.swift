internal import Net
internal import PAP

// Messages in a session, and those that need none where the configuration says so (pap.md, section 7).

extension RouterState {
  /// Takes a message of a session.
  mutating func receiveInSession(
    _ datagram: PAPDatagram, _ header: Header, _ claim: Authentication, host: HostIndex,
    now: Instant
  ) {
    guard let session = hosts[host].sessions.session(claim.sessionID),
      session.keyID == claim.keyID
    else {
      counters.noSession += 1
      refuseUnproven(datagram, header, .noSession, now: now)
      return
    }
    guard Authenticator.verify(datagram.bytes, direction: .fromHost, key: session.key) else {
      refuseStranger(datagram, header, now: now)
      return
    }
    if let answer = session.answer(toRepeated: datagram.bytes) {
      counters.repeated += 1
      send(answer, to: datagram)
      return
    }
    receiveNew(datagram, header, session, sequence: claim.sequence, host: host, now: now)
  }

  /// Takes a message that the host has sent and that is not the last one again.
  private mutating func receiveNew(
    _ datagram: PAPDatagram, _ header: Header, _ session: Session, sequence: UInt32,
    host: HostIndex, now: Instant
  ) {
    var session = session
    guard session.window.accept(sequence) else {
      refuseReplay(datagram, header, session, host: host, now: now)
      return
    }
    // After the replay check, so that a stranger's replays use up nothing of the host's; before the
    // sequence is accepted, so that the host can send the same octets again a little later.
    guard hosts[host].requests.admit(at: now.monotonic) else {
      counters.rateLimited += 1
      refuse(datagram, header, .rateLimited, waitSeconds: 1)
      return
    }
    guard let next = session.nextSequence() else {
      hosts[host].sessions.end(session.id)
      counters.noSession += 1
      refuse(datagram, header, .noSession)
      return
    }
    counters.accepted += 1
    noteHeard(host, datagram, now: now)
    let answer = answer(to: datagram.bytes, host: host, session: session.id, now: now)
    let response = session.sealed(
      header.response(answer.code, epoch: epoch), answer.options, sequence: next)
    session.keep(datagram.bytes, response: response)
    hosts[host].sessions.use(session)
    send(response, to: datagram)
    scheduleNotice(host, now: now)
  }

  private mutating func refuseReplay(
    _ datagram: PAPDatagram, _ header: Header, _ session: Session, host: HostIndex, now: Instant
  ) {
    counters.replayed += 1
    // Anybody can send old messages again.
    guard admitsRefusal(to: datagram.source.address, now: now) else { return }
    var session = session
    // Used up even though nothing was done, or the host would take its next answer for a replay.
    guard let next = session.nextSequence() else { return }
    hosts[host].sessions.update(session)
    send(session.sealed(header.response(.replayed, epoch: epoch), [], sequence: next), to: datagram)
  }

  /// How many seconds the same octets from a host without a session count as a repeat: as long as a
  /// host retransmits (pap.md, section 2), with a margin.
  private static let repeatSeconds: UInt64 = 15

  /// Takes a message where no proof is asked for: whose it is, its source says.
  mutating func receiveUntagged(_ datagram: PAPDatagram, _ header: Header, now: Instant) {
    guard let host = hosts.at(datagram.source.address) else {
      refuseStranger(datagram, header, now: now)
      return
    }
    if let last = hosts[host].lastExchange, last.request == datagram.bytes,
      last.expires > now.monotonic
    {
      counters.repeated += 1
      send(last.response, to: datagram)
      return
    }
    guard hosts[host].requests.admit(at: now.monotonic) else {
      counters.rateLimited += 1
      refuse(datagram, header, .rateLimited, waitSeconds: 1)
      return
    }
    counters.accepted += 1
    noteHeard(host, datagram, now: now)
    let answer = answer(to: datagram.bytes, host: host, session: 0, now: now)
    let response = header.response(answer.code, epoch: epoch).encoded(options: answer.options)
    hosts[host].lastExchange = Exchange(
      request: datagram.bytes, response: response,
      expires: now.deadline(after: Self.repeatSeconds))
    send(response, to: datagram)
    scheduleNotice(host, now: now)
  }

  /// Notes that a host has said something new.
  mutating func noteHeard(_ host: HostIndex, _ datagram: PAPDatagram, now: Instant) {
    hosts[host].lastHeard = now
    let contact = Contact(remote: datagram.source, local: datagram.local)
    if hosts[host].contact != contact { touchedHosts.add(host) }
    hosts[host].contact = contact
  }
}

extension Session {
  /// A message of the router's in this session.
  func sealed(
    _ header: Header, _ options: [Message.Option], sequence: UInt32
  ) -> [UInt8] {
    Authenticator.seal(
      header, options: options, direction: .fromRouter, key: key, keyID: keyID, sessionID: id,
      sequence: sequence)
  }
}
