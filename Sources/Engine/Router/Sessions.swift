internal import PAP

/// One PAP session between a host and the router (pap.md, section 7).
struct Session: Sendable {
  /// The number of the session, not 0.
  let id: UInt32
  /// The host's key that the session rests on.
  let keyID: UInt32
  /// What both sides tag with.
  let key: SecretKey
  /// The sequences that came from the host.
  var window = ReplayWindow()
  /// The last sequence that was sent to the host.
  private(set) var sent: UInt32
  /// The last request that was acted on, as it came, and what was answered.
  private(set) var lastRequest: [UInt8] = []
  private(set) var lastResponse: [UInt8] = []

  init(id: UInt32, keyID: UInt32, key: SecretKey, sent: UInt32 = 0) {
    self.id = id
    self.keyID = keyID
    self.key = key
    self.sent = sent
  }

  /// The next sequence for a message to the host, or nil if they are used up.
  mutating func nextSequence() -> UInt32? {
    guard sent < .max else { return nil }
    sent += 1
    return sent
  }

  /// The stored answer if the request is the last one once more, bit for bit.
  func answer(toRepeated request: [UInt8]) -> [UInt8]? {
    !lastRequest.isEmpty && request == lastRequest ? lastResponse : nil
  }

  /// Keeps request and answer, for a repeat.
  mutating func keep(_ request: [UInt8], response: [UInt8]) {
    lastRequest = request
    lastResponse = response
  }
}

/// A session whose host has not spoken in it yet.
struct PendingSession: Sendable {
  var session: Session
  /// What the host's `hello` said, for a `hello` that comes again.
  let hostNonce: [UInt8]
  let response: [UInt8]
  /// Monotonic nanoseconds.
  let expires: UInt64
}

/// A host's sessions: the one in use, and those that wait for the host's first message.
///
/// A `hello` can be recorded and sent again by anyone, so it ends nothing: the session in use stays
/// until the host has spoken in the new one, which takes the key.
struct Sessions: Sendable {
  /// Pending sessions a host can have.
  ///
  /// When another comes, the oldest goes: then old recorded hellos cannot keep the host's own out.
  static let mostPending = 16
  /// How many seconds a session stays pending.
  static let pendingSeconds: UInt64 = 10

  /// The session in use.
  private(set) var current: Session?
  private(set) var pending: [PendingSession] = []

  /// The session of that number.
  func session(_ id: UInt32) -> Session? {
    if let current, current.id == id { return current }
    return pending.first { $0.session.id == id }?.session
  }

  /// The pending session that a `hello` with this nonce has begun.
  func pending(hostNonce: [UInt8], keyID: UInt32) -> PendingSession? {
    pending.first { $0.hostNonce == hostNonce && $0.session.keyID == keyID }
  }

  /// Adds a pending session.
  mutating func add(_ new: PendingSession) {
    if pending.count >= Self.mostPending { pending.removeFirst() }
    pending.append(new)
  }

  /// Keeps what has changed in a session, pending or not.
  mutating func update(_ session: Session) {
    if current?.id == session.id {
      current = session
    } else if let place = pending.firstIndex(where: { $0.session.id == session.id }) {
      pending[place].session = session
    }
  }

  /// Makes this the session in use: a valid message of the host has come in it.
  mutating func use(_ session: Session) {
    pending.removeAll { $0.session.id == session.id }
    current = session
  }

  /// Ends the session of that number.
  mutating func end(_ id: UInt32) {
    pending.removeAll { $0.session.id == id }
    if current?.id == id { current = nil }
  }

  /// Ends the sessions that rest on none of the keys of these numbers.
  mutating func end(exceptOf keyIDs: Set<UInt32>) {
    pending.removeAll { !keyIDs.contains($0.session.keyID) }
    if let current, !keyIDs.contains(current.keyID) { self.current = nil }
  }

  /// Forgets the pending sessions whose time is over.
  mutating func expire(at moment: UInt64) {
    guard let first = pending.first, first.expires <= moment else { return }
    pending.removeAll { $0.expires <= moment }
  }
}
