internal import Net

// What clients ask for.

extension ControlServer {
  /// How long clients are served in one round of the reactor, all together and each of them:
  /// nanoseconds.
  private static let service: UInt64 = 3_000_000
  private static let turn: UInt64 = 1_000_000

  /// Serves a client soon: when those before it have been served.
  func schedule(_ client: ControlConnection) {
    guard !client.isScheduled else { return }
    client.isScheduled = true
    waiting.append(client)
    scheduleService()
  }

  private func scheduleService() {
    guard !isServiceScheduled, !waiting.isEmpty else { return }
    isServiceScheduled = true
    reactor.after(0) { [weak self] in
      self?.isServiceScheduled = false
      self?.serveSome()
      self?.scheduleService()
    }
  }

  private func serveSome() {
    let end = MonotonicClock.now() + Self.service
    var served = 0
    while served < waiting.count {
      let client = waiting[served]
      served += 1
      client.isScheduled = false
      // It may have gone meanwhile.
      if clients[client.stream.rawValue] === client { serve(client) }
      if MonotonicClock.now() >= end { break }
    }
    // Fewer wait by now if the server has stopped.
    waiting.removeFirst(min(served, waiting.count))
  }

  /// Sends what waits, takes what has come, and answers it.
  private func serve(_ client: ControlConnection) {
    do {
      try exchange(with: client)
      if client.isFinished { return drop(client) }
      try reactor.change(
        client.stream.rawValue, read: client.isListening, write: client.waiting > 0)
      // No readiness tells of what was read already, or is in the making.
      if client.hasRequests || client.isMaking { schedule(client) }
      schedulePending()
    } catch is LineBuffer.TooLong {
      let limit = ControlConnection.longestLine(for: client.user.role)
      let error = ControlError(.badRequest, "a request has at most \(limit) octets")
      client.queue(ControlJSON.line(id: nil, error: error), now: core.now.monotonic)
      _ = try? client.flush(now: core.now.monotonic)
      drop(client)
    } catch {
      drop(client)
    }
  }

  private func exchange(with client: ControlConnection) throws {
    try client.flush(now: core.now.monotonic)
    if client.isListening { try client.fill() }
    if client.isMaking { try client.makePiece(now: core.now.monotonic) }
    try answerRequests(of: client)
    try client.flush(now: core.now.monotonic)
  }

  private func answerRequests(of client: ControlConnection) throws {
    let end = MonotonicClock.now() + Self.turn
    while client.hasRequests, let line = try client.nextLine() {
      answer(line, client)
      if MonotonicClock.now() >= end { return }
    }
  }

  private func answer(_ line: [UInt8], _ client: ControlConnection) {
    let now = core.now.monotonic
    var id: JSONValue?
    do {
      let request = try ControlJSON.request(line)
      id = request.id
      var events: DropEvents?
      let answer =
        request.verb == Verb.subscribe.rawValue
        ? ControlAnswer.whole(try subscribe(client, request, &events))
        : try handler.answer(request, for: client.user, on: client.number)
      switch answer {
      case .whole(let result):
        let start = try ControlJSON.lineStart(id: id)
        client.queue(start + result + ControlJSON.lineEnd, now: now)
        if let events { client.begin(events) }
      case .rows(let stream): client.begin(stream, id: id)
      case .later(let look): client.begin(look, id: id)
      case .beside(let answer): postpone(answer, client, id: id)
      }
    } catch {
      client.queue(ControlJSON.line(id: id, error: error), now: now)
    }
  }
}
