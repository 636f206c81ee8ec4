internal import Net

/// One client of the control socket: what it has sent and what still waits for it.
///
/// Memory is bounded: a client that reads its answers too slowly is not listened to meanwhile, and
/// one that does not read its events is dropped.
final class ControlConnection {
  /// Octets of a request: of one who only looks, and of one who may send batches.
  static func longestLine(for role: Role) -> Int { role == .operator ? 2 << 20 : 65_536 }
  /// While more than this waits to be sent, no further request is taken.
  static let patience = 1 << 20
  /// While so many answers are made beside, no further request is taken.
  ///
  /// Each may be some megabytes: so many that a console never has to wait, and no more.
  static let mostAwaited = 8
  /// Events may wait in this many octets.
  static let eventLimit = 4 << 20

  /// What a client wants to be told.
  struct Subscription {
    var drops = false
    var changes = false
    /// Drops of this reason only.
    var reason: DropReason?
    /// Drops that pass this only.
    var filter: Filter<DropLogRecord>?
    /// Where the client sits, by its own word.
    var source: String?
    /// Since when (nanoseconds since 1970).
    var since: UInt64

    /// Whether a finished row of the drop log is among those.
    func wants(_ row: DropLogRecord) -> Bool {
      drops && (reason == nil || row.record.reason == reason) && filter?.matches(row) ?? true
    }
  }

  /// The rest of an answer.
  private struct Making {
    let answer: any AnswerInPieces
    /// That of the request.
    let id: JSONValue?
    /// Whether the pieces are whole lines, and not parts of the line of an answer.
    var isLines = false
    /// Whether the line has begun.
    var hasBegun = false
  }

  /// Never that of another connection while the engine runs.
  let number: UInt64
  let stream: UnixStream
  var user: ControlUser {
    didSet { lines.limit = Self.longestLine(for: user.role) }
  }
  var subscription: Subscription?
  /// Answers that are made beside this client's others.
  var awaited = 0
  /// Whether the connection is served again in the next round, without any readiness.
  var isScheduled = false
  private var lines: LineBuffer
  private var outgoing: [UInt8] = []
  // Octets of `outgoing` that the kernel has taken.
  private var sent = 0
  // The answer in the making, and events that must not stand in the middle of it.
  private var making: Making?
  private var held: [UInt8] = []
  /// Whether the client will send no more.
  private(set) var hasEnded = false
  // Whether all whole lines so far have been taken, so that no more is read than can be answered.
  private var needsInput = true
  /// When the kernel last took octets, or had taken all (monotonic nanoseconds).
  private(set) var lastProgress: UInt64

  init(number: UInt64, stream: UnixStream, user: ControlUser, now: UInt64) {
    self.number = number
    self.stream = stream
    self.user = user
    lines = LineBuffer(limit: Self.longestLine(for: user.role))
    lastProgress = now
  }

  /// Whether it is told of every change, as a console is.
  var isConsole: Bool { subscription?.changes == true }
  /// Octets that wait to be sent.
  var waiting: Int { outgoing.count - sent + held.count }
  /// Whether it takes its answers fast enough to be made more.
  var takesAnswers: Bool { waiting <= Self.patience }
  /// Whether an answer is in the making, and the client takes it fast enough to go on.
  var isMaking: Bool { making != nil && takesAnswers }
  /// Whether more is to be read now.
  var isListening: Bool { !hasEnded && needsInput && making == nil && waiting <= Self.patience }
  /// Whether requests that were read are to be answered now.
  var hasRequests: Bool {
    !needsInput && making == nil && takesAnswers && awaited < Self.mostAwaited
  }
  /// Whether all is said: the client sends no more and has everything.
  var isFinished: Bool {
    hasEnded && needsInput && making == nil && waiting == 0 && awaited == 0
  }

  /// Whether the client sends no more and only waits for answers that are made beside.
  var isOnlyAwaiting: Bool { hasEnded && needsInput && making == nil && awaited > 0 }

  /// Answers nothing more; what waits is still sent.
  func dismiss() {
    hasEnded = true
    needsInput = true
    subscription = nil
  }

  /// Takes what the client has sent.
  func fill() throws(SystemError) {
    guard let octets = try stream.read() else { return }
    if octets.isEmpty { hasEnded = true }
    lines.append(octets)
    needsInput = false
  }

  /// The next whole request; nil if none is complete.
  func nextLine() throws(LineBuffer.TooLong) -> [UInt8]? {
    let line = try lines.next()
    needsInput = line == nil
    return line
  }

  /// Begins an answer that is made piece by piece.
  func begin(_ answer: any AnswerInPieces, id: JSONValue?) {
    making = Making(answer: answer, id: id)
  }

  /// Begins to send lines that are made piece by piece; what comes meanwhile waits behind them.
  func begin(_ lines: DropEvents) {
    making = Making(answer: lines, id: nil, isLines: true)
  }

  /// Makes the next piece of the answer in the making, and the end of its line after the last.
  ///
  /// - Throws: if it can be made no further in the middle of its line, where nothing else can be said.
  func makePiece(now: UInt64) throws(ControlError) {
    guard let making else { return }
    do throws(ControlError) {
      guard let piece = try making.answer.next() else {
        return endAnswer(with: making.isLines ? [] : ControlJSON.lineEnd, now: now)
      }
      if piece.isEmpty { return }
      let start = making.hasBegun || making.isLines ? [] : try ControlJSON.lineStart(id: making.id)
      self.making?.hasBegun = true
      queue(start + piece, now: now)
    } catch {
      if making.hasBegun { throw error }
      endAnswer(with: ControlJSON.line(id: making.id, error: error), now: now)
    }
  }

  private func endAnswer(with octets: [UInt8], now: UInt64) {
    making = nil
    queue(octets + held, now: now)
    held = []
  }

  /// Adds whole lines; an answer in the making comes first.
  func queueLines(_ octets: [UInt8], now: UInt64) {
    if making == nil {
      queue(octets, now: now)
    } else {
      held += octets
    }
  }

  /// Adds to what waits to be sent.
  func queue(_ octets: [UInt8], now: UInt64) {
    if waiting == 0 { lastProgress = now }
    outgoing += octets
  }

  /// Sends as much as the kernel takes.
  func flush(now: UInt64) throws(SystemError) {
    while sent < outgoing.count, let count = try stream.write(outgoing[sent...]) {
      sent += count
      lastProgress = now
    }
    if sent == outgoing.count {
      outgoing = []
      sent = 0
    } else if sent > Self.patience {
      outgoing.removeFirst(sent)
      sent = 0
    }
  }
}
