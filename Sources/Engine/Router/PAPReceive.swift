internal import Net
internal import PAP

/// A PAP message as it came in.
struct PAPDatagram: Sendable {
  let bytes: [UInt8]
  /// Who sent it, as its packet says.
  let source: Endpoint
  /// Where it came to; the answer is sent from there.
  let local: Endpoint
}

// What happens to a message before it is known whose it is (pap.md, sections 2, 6 and 7). Until its
// tag has been verified nothing is stored, and no more is sent back than came.

extension RouterState {
  /// Takes a message.
  ///
  /// Its cost has a bound whatever is in it.
  mutating func receive(_ datagram: PAPDatagram, now: Instant) {
    counters.received += 1
    guard let header = Header(reading: datagram.bytes) else {
      counters.ignored += 1
      return
    }
    guard !header.isResponse else {
      receiveResponse(datagram, header, now: now)
      return
    }
    guard header.version == WireFormat.version else {
      refuseVersion(datagram, header, now: now)
      return
    }
    guard datagram.bytes.count <= WireFormat.longestMessage else {
      counters.malformed += 1
      refuseUnproven(datagram, header, .malformed, now: now)
      return
    }
    switch policy.authentication {
    case .required: receiveTagged(datagram, header, now: now)
    case .none: receiveUntagged(datagram, header, now: now)
    }
  }

  private mutating func refuseVersion(
    _ datagram: PAPDatagram, _ header: Header, now: Instant
  ) {
    guard Int(header.length) == datagram.bytes.count else {
      counters.ignored += 1
      return
    }
    counters.malformed += 1
    refuseUnproven(datagram, header, .unsupportedVersion, now: now)
  }

  private mutating func receiveTagged(_ datagram: PAPDatagram, _ header: Header, now: Instant) {
    guard let claim = Authenticator.authentication(of: datagram.bytes) else {
      refuseUntagged(datagram, header, now: now)
      return
    }
    guard let host = hosts.withKey(claim.keyID),
      hosts[host].identity.insideAddress == datagram.source.address
    else {
      refuseStranger(datagram, header, now: now)
      return
    }
    hosts[host].sessions.expire(at: now.monotonic)
    if claim.sessionID == 0 {
      receiveHello(datagram, header, claim, host: host, now: now)
    } else {
      receiveInSession(datagram, header, claim, host: host, now: now)
    }
  }

  /// Refuses a message without a tag: for its form where that is bad, else for want of the tag.
  private mutating func refuseUntagged(_ datagram: PAPDatagram, _ header: Header, now: Instant) {
    // Which types and options are known is told to hosts only.
    if malformation(of: datagram.bytes) == .malformed {
      counters.malformed += 1
      refuseUnproven(datagram, header, .malformed, now: now)
      return
    }
    refuseStranger(datagram, header, now: now)
  }

  /// What is wrong with octets that are no message, or nil if they are one.
  private func malformation(of bytes: [UInt8]) -> ResultCode? {
    do {
      _ = try Message(decoding: bytes)
      return nil
    } catch {
      return error.resultCode
    }
  }

  /// Refuses a message that nobody known has sent.
  mutating func refuseStranger(_ datagram: PAPDatagram, _ header: Header, now: Instant) {
    counters.notAuthenticated += 1
    complain(about: datagram, now: now)
    refuseUnproven(datagram, header, .notAuthenticated, now: now)
  }

  /// Refuses a message of which nobody knows whose it is, unless its source is told so too often.
  mutating func refuseUnproven(
    _ datagram: PAPDatagram, _ header: Header, _ code: ResultCode, now: Instant
  ) {
    guard admitsRefusal(to: datagram.source.address, now: now) else { return }
    refuse(datagram, header, code)
  }

  /// Whether one more refusal may go to the address; each has a limit of its own, so that nobody can
  /// use up a host's but under its address.
  mutating func admitsRefusal(to address: IPv4Address, now: Instant) -> Bool {
    let isAdmitted =
      if let host = hosts.at(address) {
        hosts[host].refusals.admit(at: now.monotonic)
      } else {
        strangers.admit(address, at: now.monotonic)
      }
    if !isAdmitted { counters.unanswered += 1 }
    return isAdmitted
  }

  /// Answers without a tag: a header, and where there is room for it how long to stay away.
  mutating func refuse(
    _ datagram: PAPDatagram, _ header: Header, _ code: ResultCode, waitSeconds: UInt32? = nil
  ) {
    let answer = header.response(code, epoch: epoch)
    let options = waitSeconds.map { [Message.Option.lifetime($0)] } ?? []
    let whole = answer.encoded(options: options)
    let fits = whole.count <= datagram.bytes.count
    send(fits ? whole : answer.encoded(options: []), to: datagram)
  }

  /// How many seconds lie between two complaints about the same host, or about strangers.
  private static let complaintInterval: UInt64 = 10

  /// Logs that somebody was not authenticated, now and then: a wrong key is to be noticed, a flood is
  /// not to fill the log.
  mutating func complain(about datagram: PAPDatagram, now: Instant) {
    let until = now.deadline(after: Self.complaintInterval)
    if let host = hosts.at(datagram.source.address) {
      guard hosts[host].quietUntil <= now.monotonic else { return }
      hosts[host].quietUntil = until
      log(.warning, "\(hosts[host].name): a PAP message from \(datagram.source) has no valid tag")
    } else if quietUntil <= now.monotonic {
      quietUntil = until
      log(.warning, "a PAP message came from \(datagram.source), which is no host's address")
    }
  }
}
