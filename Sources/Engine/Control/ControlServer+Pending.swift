internal import Net

/// An answer that is being made for a client.
struct PendingReply {
  let client: ControlConnection
  /// That of the request.
  let id: JSONValue?
  let answer: PendingAnswer
}

// Answers that take long are made a little at a time, one after the other in turn: between two steps
// the reactor serves hosts, timers and other clients.

extension ControlServer {
  /// Makes an answer while others are served.
  ///
  /// An earlier one of the client by the same name is given up.
  func postpone(
    _ answer: PendingAnswer, _ client: ControlConnection, id: JSONValue?
  ) {
    if let name = answer.name,
      let place = pending.firstIndex(where: { $0.client === client && $0.answer.name == name })
    {
      let error = ControlError(.overtaken, "a newer request has taken the place of this one")
      let former = pending.remove(at: place)
      end(former, with: ControlJSON.line(id: former.id, error: error))
    }
    client.awaited += 1
    pending.append(PendingReply(client: client, id: id, answer: answer))
    schedulePending()
  }

  private func schedulePending() {
    guard !isWorkScheduled, !pending.isEmpty else { return }
    isWorkScheduled = true
    reactor.after(0) { [weak self] in
      self?.isWorkScheduled = false
      self?.workOnPending()
      self?.schedulePending()
    }
  }

  private func workOnPending() {
    guard !pending.isEmpty else { return }
    let reply = pending.removeFirst()
    // A client that has gone waits for nothing.
    if isServed(reply.client) {
      do throws(ControlError) {
        if let result = try reply.answer.advance() {
          let start = try ControlJSON.lineStart(id: reply.id)
          end(reply, with: start + result + ControlJSON.lineEnd)
        } else {
          pending.append(reply)
        }
      } catch {
        end(reply, with: ControlJSON.line(id: reply.id, error: error))
      }
    }
  }

  private func isServed(_ client: ControlConnection) -> Bool {
    clients[client.stream.rawValue] === client
  }

  private func end(_ reply: PendingReply, with line: [UInt8]) {
    reply.client.awaited -= 1
    reply.client.queueLines(line, now: core.now.monotonic)
    schedule(reply.client, reply.client.stream.rawValue)
  }
}
