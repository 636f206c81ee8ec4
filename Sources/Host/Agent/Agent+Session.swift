internal import Logging
internal import PAP

// The session, and whether the router answers (pap.md, section 7).

extension Agent {
  /// Takes the answer to a hello in, whose tag is right.
  mutating func receiveHello(_ message: Message, now: Moment) {
    guard let waiting = hello, waiting.transactionID == message.transactionID else { return }
    noteAnswer(now: now)
    hello = nil
    guard message.code == .success, let new = newSession(waiting, message),
      let external = message.externalAddress, let endpoint = message.tunnelEndpoint
    else { return helloRefused(message, now: now) }
    path = PathInformation(
      externalAddress: external, tunnelEndpoint: endpoint.address, tunnelMTU: endpoint.mtu)
    begin(new)
    noteEpoch(message.epoch)
    dropWhatIsNotNamed(message)
  }

  private func newSession(_ waiting: Hello, _ message: Message) -> Session? {
    guard let hostKey = identity.key else { return Session(id: 0, key: nil) }
    guard let given = message.session, given.id != 0 else { return nil }
    return Session(
      id: given.id,
      key: Authenticator.sessionKey(
        hostKey: hostKey, hostNonce: waiting.nonce, routerNonce: given.nonce))
  }

  private mutating func begin(_ new: Session) {
    session = new
    wantsHello = false
    // The router counts the session only once it gets a message in it, so renew at once.
    slot.askAgain()
    // It may be the first after a restart of the router or of this agent.
    synchronization = nil
    wantsSynchronization = true
    // What was on its way under the old session is made again under this one.
    if case .command(let command)? = request?.kind { commands.insert(command, at: 0) }
    request = nil
    log(.debug, "a session with the router has begun")
  }

  private mutating func helloRefused(_ message: Message, now: Moment) {
    let seconds = message.lifetime.map { Double($0) } ?? Self.holdOff
    nextHello = now.advanced(bySeconds: max(Self.helloInterval, seconds))
    // Without a session the hello is repeated then; with one there is no need to.
    wantsHello = false
    let text = message.code == .success ? "answers the hello incompletely" : "refuses the hello"
    log(.error, "the router \(text): \(message.code)\(reason(of: message))")
  }

  /// The hello's answer names what the host holds: what it does not name is gone.
  private mutating func dropWhatIsNotNamed(_ message: Message) {
    if let held = slot.value, message.spis?.first != held.slot.firstSPI.rawValue {
      log(.warning, "the router does not hold slot \(held.slot) for this host any more")
      entries.forget()
    }
    if let held = ports.value, message.ports?.first != held.first { ports.askAgain() }
  }

  mutating func noteAnswer(now: Moment) {
    contact.lastAnswer = now
    guard !contact.isAnswering else { return }
    contact.isAnswering = true
    contact.since = now
    log(.notice, "the router answers")
  }

  mutating func reportSilence(now: Moment) {
    if contact.isAnswering {
      contact.isAnswering = false
      contact.since = now
    }
    log(.error, "the router does not answer; trying again every \(Int(Retransmission.slowWait)) s")
  }

  /// The router's words for people, with a separator in front; empty where it gives none.
  func reason(of message: Message) -> String {
    // PAP texts have no control characters: the codec refuses them.
    message.reason.map { " (\($0))" } ?? ""
  }
}
