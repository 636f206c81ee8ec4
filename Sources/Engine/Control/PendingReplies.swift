/// An answer that is being made for a client.
struct PendingReply {
  let client: ControlConnection
  /// That of the request.
  let id: JSONValue?
  let answer: PendingAnswer
}

/// The answers that are being made beside others, for all clients.
///
/// Users take turns, and the answers of one user are made one after the other: who asks for more gets
/// no more of the thread than others, and only one of a user's answers is half made at a time.
struct PendingReplies {
  // In the order of their requests.
  private var replies: [PendingReply] = []
  /// When each user had its last turn, counted in turns.
  private var turns: [ControlUser: UInt64] = [:]
  private var turn: UInt64 = 0

  /// Whether no answer is to come.
  var isEmpty: Bool { replies.isEmpty }

  /// Whether something can be done: a client that does not take its answers gets no more of them.
  var hasWork: Bool { replies.contains { $0.client.takesAnswers } }

  /// Adds an answer.
  mutating func add(_ reply: PendingReply) { replies.append(reply) }

  /// The answer to work on now: the oldest of the user whose last turn is longest ago.
  mutating func next() -> PendingReply? {
    let possible = replies.filter { $0.client.takesAnswers }
    // Of those that are equal the first.
    let next = possible.min { lastTurn($0) < lastTurn($1) }
    turn += 1
    if let next { turns[next.client.user] = turn }
    return next
  }

  private func lastTurn(_ reply: PendingReply) -> UInt64 { turns[reply.client.user] ?? 0 }

  /// Takes an answer out.
  mutating func remove(_ reply: PendingReply) { removeAll { $0.answer === reply.answer } }

  /// Takes a client's answer of that name out.
  mutating func remove(named name: String, of client: ControlConnection) -> PendingReply? {
    let reply = replies.first { $0.client === client && $0.answer.name == name }
    if let reply { remove(reply) }
    return reply
  }

  /// Takes out what a client waits for, which has gone.
  mutating func removeAll(of client: ControlConnection) { removeAll { $0.client === client } }

  private mutating func removeAll(where isUnwanted: (PendingReply) -> Bool) {
    replies.removeAll(where: isUnwanted)
    // Only then nobody gains by its turns being forgotten.
    if replies.isEmpty { turns = [:] }
  }
}
