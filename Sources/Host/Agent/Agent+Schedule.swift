internal import Logging
internal import PAP

// What to do next, and when.

extension Agent {
  /// When `AgentEvent.timer` is due; nil while only other events can bring something new.
  var deadline: Moment? {
    var moments: [Moment] = []
    if let hello { moments.append(hello.retransmission.due) }
    if let request, hello == nil { moments.append(request.retransmission.due) }
    switch phase {
    case .idle, .finished: return nil
    case .stopping(let end): moments.append(end)
    case .running:
      if hello == nil, session == nil || wantsHello { moments.append(nextHello) }
      moments += [slot.expires, ports.expires]
      if let end = claims.nextEnd { moments.append(end) }
      if session != nil, hello == nil, request == nil { moments += workMoments }
    }
    return moments.filter { $0 != .never }.min()
  }

  private var workMoments: [Moment] {
    var moments = [slot.due, nextProbe]
    if identity.ports != 0 { moments.append(ports.due) }
    if let due = claims.nextDue { moments.append(due) }
    if claims.toGiveBack != nil { moments.append(.zero) }
    if let due = synchronizationDue { moments.append(due) }
    if let due = entries.nextDue(where: isPossible) { moments.append(max(due, nextEntries)) }
    if holdsSPIs, entries.hasInvalidations { moments.append(nextEntries) }
    return moments
  }

  /// Whether entries have something to rest on.
  private var holdsSPIs: Bool { slot.value != nil || !claims.held.isEmpty }

  /// When to make sure of the router.
  private var nextProbe: Moment {
    guard slot.value != nil, let lastAnswer = contact.lastAnswer else { return .never }
    return lastAnswer.advanced(bySeconds: Self.probeInterval)
  }

  /// Does all that is due at `now`.
  mutating func advance(now: Moment) {
    if phase == .running { expireLeases(now: now) }
    retransmit(now: now)
    switch phase {
    case .idle, .finished: break
    case .running: startNext(now: now)
    case .stopping(let end): giveBackNext(now: now, until: end)
    }
  }

  private mutating func expireLeases(now: Moment) {
    if slot.expire(now: now) {
      entries.forget()
      log(.error, "the SPI lease has ended: the router did not renew it")
    }
    expireClaims(now: now)
    if ports.expire(now: now) {
      log(.error, "the port lease has ended: the router did not renew it")
    }
  }

  private mutating func retransmit(now: Moment) {
    if var waiting = hello {
      let step = waiting.retransmission.step(now: now, jitter: randomness.jitter())
      hello = waiting
      switch step {
      case .wait: break
      case .reportSilence: reportSilence(now: now)
      // The router forgets a hello after 10 s: later ones are new.
      case .resend where waiting.retransmission.isSlow: renewHello(now: now)
      case .resend: effects.append(.send(waiting.octets))
      }
    }
    if var waiting = request, hello == nil {
      let step = waiting.retransmission.step(now: now, jitter: randomness.jitter())
      request = waiting
      switch step {
      case .wait: break
      case .reportSilence: reportSilence(now: now)
      case .resend: effects.append(.send(waiting.octets))
      }
    }
  }

  private mutating func startNext(now: Moment) {
    if hello == nil, session == nil || wantsHello, now >= nextHello { sendHello(now: now) }
    guard hello == nil, request == nil, session != nil, let kind = nextRequest(now: now) else {
      return
    }
    send(kind, now: now)
  }

  private mutating func nextRequest(now: Moment) -> RequestKind? {
    // The slot comes last: with it the IKE daemon gets its settings, and may start.
    if identity.ports != 0, now >= ports.due { return .leasePorts }
    if now >= min(slot.due, nextProbe) { return .leaseSPIs }
    if let spi = claims.toClaim(now: now) { return .claim(spi) }
    if let part = nextPart(now: now) { return part }
    if holdsSPIs {
      if !commands.isEmpty { return RequestKind(commands.removeFirst()) }
      if let entries = nextEntryRequest(now: now) { return entries }
    }
    // Last, when no entry rests on it any more.
    return claims.toGiveBack.map { .giveBackClaim($0) }
  }

  private mutating func nextEntryRequest(now: Moment) -> RequestKind? {
    guard now >= nextEntries else { return nil }
    let toValidate = entries.toValidate(now: now, where: isPossible)
    if !toValidate.isEmpty { return .validate(toValidate) }
    let toInvalidate = entries.toInvalidate()
    return toInvalidate.isEmpty ? nil : .invalidate(toInvalidate)
  }
}

extension Agent {
  /// Begins to give everything back.
  ///
  /// What is on its way is given up, as all ends with the leases.
  mutating func stop(now: Moment) {
    guard phase == .running || phase == .idle else { return }
    if case .command(let command)? = request?.kind { commands.insert(command, at: 0) }
    for command in commands { effects.append(.outcome(token: command.token, nil)) }
    commands = []
    request = nil
    hello = nil
    claims.want([])
    phase = .stopping(until: now.advanced(bySeconds: Self.stopTime))
  }

  private mutating func giveBackNext(now: Moment, until end: Moment) {
    guard request == nil || now >= end else { return }
    if session != nil, now < end {
      if let spi = claims.toGiveBack { return send(.giveBackClaim(spi), now: now) }
      if let value = slot.value { return send(.giveBackSPIs(value.slot), now: now) }
      if let block = ports.value { return send(.giveBackPorts(block), now: now) }
    }
    if request != nil { log(.warning, "stopped before the router had taken the leases back") }
    request = nil
    phase = .finished
    effects.append(.finished)
  }
}
