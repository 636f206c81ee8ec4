internal import Logging
internal import PAP

// What the router's answers change.

extension Agent {
  mutating func complete(_ kind: RequestKind, _ message: Message, now: Moment) {
    // A sequence that was seen: only a new session tells for sure where each side stands.
    if message.code == .replayed { wantsHello = true }
    switch kind {
    case .leaseSPIs: slotAnswered(message, now: now)
    case .leasePorts: portsAnswered(message, now: now)
    case .validate(let list): validated(list, message, now: now)
    case .invalidate(let list): invalidated(list, message, now: now)
    case .synchronize(let part, _, _): synchronized(part, message, now: now)
    case .claim(let spi): claimAnswered(spi, message, now: now)
    case .giveBackClaim(let spi): claims.givenBack(spi)
    case .command(let command): commandAnswered(command, message, now: now)
    case .giveBackSPIs: slot.end()
    case .giveBackPorts: ports.end()
    }
  }

  func retryMoment(_ message: Message, now: Moment) -> Moment {
    let usual = message.code == .rateLimited ? 1 : Self.holdOff
    return now.advanced(bySeconds: max(1, message.lifetime.map { Double($0) } ?? usual))
  }

  /// Half of an entry's lifetime, which is the rest of the lease if the router names none; but soon
  /// enough that an entry which the operator removed does not stay away.
  ///
  /// In an error the option has another meaning.
  private func refreshMoment(_ message: Message, now: Moment) -> Moment {
    let named = message.code == .success ? message.lifetime.map { Double($0) } : nil
    let half = (named ?? slot.expires.seconds(since: now)) / 2
    return now.advanced(bySeconds: min(max(1, half), Self.confirmInterval))
  }

  private mutating func slotAnswered(_ message: Message, now: Moment) {
    guard message.code == .success, let spis = message.spis, spis.count == Slot.spiCount,
      let granted = SPI(rawValue: spis.first).slot, granted.firstSPI.rawValue == spis.first
    else {
      slot.refuse(until: retryMoment(message, now: now))
      return log(.error, "no SPI lease: \(message.code)\(reason(of: message))")
    }
    let before = slot.value?.slot
    if before != granted {
      entries.forget()
      log(.notice, "leased slot \(granted): SPIs \(granted.firstSPI) to \(granted.lastSPI)")
    }
    slot.grant(
      SlotLease(slot: granted, label: message.ikeLabel ?? granted.ikeLabel),
      lifetime: message.lifetime, now: now)
    if before != granted { updateClaims() }
  }

  private mutating func portsAnswered(_ message: Message, now: Moment) {
    guard message.code == .success, let given = message.ports,
      let block = PortBlock(first: given.first, count: given.count)
    else {
      ports.refuse(until: retryMoment(message, now: now))
      return log(.error, "no port lease: \(message.code)\(reason(of: message))")
    }
    if ports.value != block { log(.notice, "leased ports \(block)") }
    ports.grant(block, lifetime: message.lifetime, now: now)
    // The router may share another address now than when the session began.
    if let external = message.externalAddress { path.externalAddress = external }
  }

  private mutating func validated(_ list: [Entry], _ message: Message, now: Moment) {
    guard let results = results(for: list, message) else {
      return entriesRefused("validate", message, now: now)
    }
    for (entry, code) in zip(list, results) { settle(entry, code, message, now: now) }
  }

  mutating func settle(
    _ entry: Entry, _ code: ResultCode, _ message: Message, now: Moment
  ) {
    if code == .success {
      let isNew = entries.records[EntryKey(entry)]?.result != .success
      entries.validated(entry, refresh: refreshMoment(message, now: now), now: now)
      if isNew { log(.info, "validated \(entry.text)") }
    } else {
      if entries.refused(entry, code, retryAt: retryMoment(message, now: now)) {
        log(.warning, "the router does not validate \(entry.text): \(code)\(reason(of: message))")
      }
    }
  }

  private mutating func invalidated(_ list: [Entry], _ message: Message, now: Moment) {
    guard let results = results(for: list, message) else {
      return entriesRefused("invalidate", message, now: now)
    }
    for (entry, code) in zip(list, results) {
      // What is not this host's is not there either.
      if code == .success || code == .notYours {
        entries.invalidated(entry)
        log(.info, "invalidated \(entry.text)")
      } else {
        nextEntries = now.advanced(bySeconds: 1)
        log(.warning, "the router does not invalidate \(entry.text): \(code)")
      }
    }
  }

  private mutating func commandAnswered(
    _ command: AgentCommand, _ message: Message, now: Moment
  ) {
    let code = message.entryResults?.first ?? message.code
    effects.append(.outcome(token: command.token, code))
    switch command.action {
    case .validate: settle(command.entry, code, message, now: now)
    case .invalidate where code == .success: entries.invalidated(command.entry)
    case .invalidate: break
    }
  }

  /// A code per entry; nil where the router refused the message as a whole.
  func results(for list: [Entry], _ message: Message) -> [ResultCode]? {
    if let results = message.entryResults, results.count == list.count { return results }
    return message.code == .success ? list.map { _ in .success } : nil
  }

  mutating func entriesRefused(_ what: String, _ message: Message, now: Moment) {
    nextEntries = retryMoment(message, now: now)
    log(.warning, "the router refuses to \(what): \(message.code)\(reason(of: message))")
  }
}

extension Entry {
  /// The entry for people.
  var text: String {
    "\(address) \(ipsecProtocol.name) \(spiIn.map { "SPI \($0)" } ?? "any SPI")"
  }
}
