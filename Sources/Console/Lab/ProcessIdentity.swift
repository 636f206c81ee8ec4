internal import Net

/// One process for as long as it lives: its number, and when it started, since numbers are used
/// again.
struct ProcessIdentity: Hashable, Sendable, Codable {
  let processID: Int32
  /// Clock ticks since the machine started: field 22 of /proc/PID/stat (proc(5)).
  let startTime: UInt64

  /// The process that has the number now; nil if none has.
  init?(_ processID: Int32) {
    guard let startTime = Self.startTime(of: processID) else { return nil }
    self.processID = processID
    self.startTime = startTime
  }

  /// Whether the process still lives.
  var isAlive: Bool { Self.startTime(of: processID) == startTime }

  /// Sends a signal, unless the process has ended.
  func send(_ signal: Signal) {
    // A process that ends meanwhile is what was wanted.
    if isAlive { try? signal.send(to: processID) }
  }

  /// A zombie counts as ended: it holds nothing any more.
  private static func startTime(of processID: Int32) -> UInt64? {
    guard let text = try? File.readText("/proc/\(processID)/stat"),
      let nameEnd = text.lastIndex(of: ")")
    else { return nil }
    let fields = text[text.index(after: nameEnd)...].split(separator: " ")
    // The first of these is field 3, the state.
    guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
    return UInt64(fields[19])
  }
}
