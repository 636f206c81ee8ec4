internal import Net

// Answers that take long are made a little at a time: between two steps the reactor serves hosts,
// timers and other clients.

extension ControlServer {
  /// Makes an answer while others are served.
  ///
  /// An earlier one of the client by the same name is given up.
  func postpone(
    _ answer: PendingAnswer, _ client: ControlConnection, id: JSONValue?
  ) {
    if let name = answer.name, let former = pending.remove(named: name, of: client) {
      let error = ControlError(.overtaken, "a newer request has taken the place of this one")
      end(former, with: ControlJSON.line(id: former.id, error: error))
    }
    client.awaited += 1
    pending.add(PendingReply(client: client, id: id, answer: answer))
    schedulePending()
  }

  /// Goes on with them in the next round of the reactor.
  func schedulePending() {
    guard !isWorkScheduled, pending.hasWork else { return }
    isWorkScheduled = true
    reactor.after(0) { [weak self] in
      self?.isWorkScheduled = false
      self?.workOnPending()
      self?.schedulePending()
    }
  }

  private func workOnPending() {
    guard let reply = pending.next() else { return }
    do throws(ControlError) {
      guard let result = try reply.answer.advance() else { return }
      let start = try ControlJSON.lineStart(id: reply.id)
      pending.remove(reply)
      end(reply, with: start + result + ControlJSON.lineEnd)
    } catch {
      pending.remove(reply)
      end(reply, with: ControlJSON.line(id: reply.id, error: error))
    }
  }

  private func end(_ reply: PendingReply, with line: [UInt8]) {
    reply.client.awaited -= 1
    reply.client.queueLines(line, now: core.now.monotonic)
    schedule(reply.client)
  }
}
