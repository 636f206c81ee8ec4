internal import Net
internal import PAP

// `0x8A`, by which a host confirms a `withdraw-notice` (pap.md, section 8). It is never answered.

extension RouterState {
  /// Takes a response of a host's: the only one that means anything is to a notice.
  mutating func receiveResponse(_ datagram: PAPDatagram, _ header: Header, now: Instant) {
    guard header.type == .withdrawNotice, header.version == WireFormat.version else {
      counters.ignored += 1
      return
    }
    switch policy.authentication {
    case .required: receiveTaggedConfirmation(datagram, now: now)
    case .none:
      guard let host = hosts.at(datagram.source.address) else {
        counters.ignored += 1
        return
      }
      confirm(datagram, by: host, now: now)
    }
  }

  private mutating func receiveTaggedConfirmation(_ datagram: PAPDatagram, now: Instant) {
    guard let claim = Authenticator.authentication(of: datagram.bytes),
      let host = hosts.withKey(claim.keyID),
      hosts[host].identity.insideAddress == datagram.source.address
    else {
      counters.ignored += 1
      return
    }
    hosts[host].sessions.expire(at: now.monotonic)
    guard var session = hosts[host].sessions.session(claim.sessionID),
      session.keyID == claim.keyID,
      Authenticator.verify(datagram.bytes, direction: .fromHost, key: session.key)
    else {
      counters.notAuthenticated += 1
      complain(about: datagram, now: now)
      return
    }
    guard session.window.accept(claim.sequence) else {
      counters.replayed += 1
      return
    }
    hosts[host].sessions.use(session)
    confirm(datagram, by: host, now: now)
  }

  private mutating func confirm(_ datagram: PAPDatagram, by host: HostIndex, now: Instant) {
    guard let message = try? Message(decoding: datagram.bytes) else {
      counters.malformed += 1
      return
    }
    if confirm(message.transactionID, by: host) { noteHeard(host, datagram, now: now) }
    scheduleNotice(host, now: now)
  }
}
