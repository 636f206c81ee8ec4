internal import Engine
internal import FoundationEssentials
internal import Net
internal import PAP

/// The console in plain lines: for screen readers, for terminals that can do no more, and for pipes.
///
/// It says how the router is and what changes, a sentence a line, and takes commands as lines. It
/// writes no escape sequence and moves nothing that was written.
final class PlainConsole {
  private let socketPath: String
  private let commands: PlainCommands
  private var client: ControlClient?
  private var typed = LineBuffer(limit: 4_096)
  private var status: StatusReport?
  // The last row of the audit log that was said.
  private var lastAction: UInt64 = 0
  private var nextLook: UInt64 = 0

  /// Seconds between two looks at what nobody announces.
  private static let interval = 10

  /// Prepares a console on an engine's socket.
  ///
  /// - Parameters:
  ///   - socketPath: The engine's control socket.
  ///   - readOnly: Whether verbs that act are refused.
  ///   - ownsEngine: Whether this console was started with the engine, so that it may stop it.
  init(socketPath: String, readOnly: Bool, ownsEngine: Bool) {
    self.socketPath = socketPath
    commands = PlainCommands(
      socketPath: socketPath, readOnly: readOnly, mayStop: ownsEngine)
  }

  /// Runs until the user leaves or the input ends.
  func run() throws {
    try connect()
    try say(["Type a command, help for the list of them, or quit."])
    while try turn() {}
    try say(["The router goes on; dnat-console attach brings the console back."])
  }

  private func say(_ sentences: [String]) throws {
    for sentence in sentences { try StandardStream.output.line(sentence.terminalSafe) }
  }

  private func connect() throws(any Error) {
    let client = try ControlClient(socketPath: socketPath)
    let identity: IdentityReport = try client.call("whoami")
    let status: StatusReport = try client.call("status")
    let newest: [AuditReportRow] = try client.call("audit", ["limit": .integer(1)])
    try client.send("subscribe", ["events": .array([.string("changes")])])
    lastAction = newest.last?.sequence ?? 0
    self.status = status
    self.client = client
    schedule()
    try say(PlainWords.introduction(status, identity))
  }

  private func schedule() {
    nextLook = MonotonicClock.now() + UInt64(Self.interval) * Moment.second
  }

  // One wait; false when the user has left.
  private func turn() throws -> Bool {
    var watched: [(descriptor: Int32, wanted: Readiness)] = [(0, .readable)]
    if let client { watched.append((client.descriptor, .readable)) }
    let now = MonotonicClock.now()
    let left = nextLook > now ? Double(nextLook - now) / 1e9 : 0
    let ready = try Readiness.wait(on: watched, atMost: client == nil ? min(left, 1) : left)
    if !ready[0].isEmpty, try !readCommands() { return false }
    guard let client else {
      try reconnect()
      return true
    }
    do throws(ControlClientError) {
      if ready.count > 1, !ready[1].isEmpty { try hear(client) }
      if MonotonicClock.now() >= nextLook { try look(client) }
    } catch {
      self.client = nil
      try say(["The engine cannot be reached: \(error.message). Trying again."])
    }
    return true
  }

  private func reconnect() throws {
    do {
      try connect()
    } catch is ControlClientError {
      // Said once when it went away; it is tried again in a second.
    }
  }

  // False when the input has ended or the user leaves.
  private func readCommands() throws -> Bool {
    guard let octets = try FileDescriptor.read(0, upTo: 4_096) else { return true }
    typed.append(octets.isEmpty ? [UInt8(ascii: "\n")] : octets)
    while let line = try typed.next() {
      switch try commands.carryOut(String(decoding: line, as: UTF8.self)) {
      case .goOn: break
      case .leave: return false
      case .say(let text): try say(text.split(separator: "\n").map(String.init))
      }
    }
    return !octets.isEmpty
  }

  private func hear(_ client: ControlClient) throws(ControlClientError) {
    var isChanged = false
    for incoming in try client.receive() {
      switch incoming {
      case .event: isChanged = true
      case .reply(_, .failure(let error)): throw .refused(error)
      case .reply: break
      }
    }
    if isChanged { try sayActions(client) }
  }

  private func sayActions(_ client: ControlClient) throws(ControlClientError) {
    let rows: [AuditReportRow] = try client.call("audit", ["limit": .integer(100)])
    let fresh = rows.filter { $0.sequence > lastAction }
    lastAction = fresh.last?.sequence ?? lastAction
    trySay(fresh.map(PlainWords.action))
  }

  private func look(_ client: ControlClient) throws(ControlClientError) {
    schedule()
    try sayActions(client)
    let new: StatusReport = try client.call("status")
    if let status {
      trySay(PlainWords.changes(from: status, to: new, seconds: Self.interval))
    }
    status = new
  }

  // Who cannot be told ends by the next line that is read.
  private func trySay(_ sentences: [String]) {
    try? say(sentences)
  }
}
