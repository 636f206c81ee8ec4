package import Net

/// The service manager that started this program and wants to hear how it is (sd_notify(3)).
///
/// It needs no library: a note is one datagram, and the protocol is stable by the manager's promise.
/// A note that cannot be delivered is lost; the manager notices what matters by its own means.
package struct ServiceManager: Sendable {
  /// What is told.
  package enum Note: Sendable {
    /// Everything works now.
    case ready
    /// A new configuration is being read; `ready` follows.
    case reloading
    /// The end has begun.
    case stopping
    /// One line for people.
    case status(String)
    /// Still alive.
    case watchdog
  }

  private let socket: UnixDatagramSocket
  private let path: String

  /// The seconds within which the manager expects a `watchdog` note; nil if it expects none.
  package let watchdogInterval: Double?

  /// The manager that the environment names; nil if there is none.
  ///
  /// - Parameters:
  ///   - environment: `NOTIFY_SOCKET`, and for the watchdog `WATCHDOG_USEC` and `WATCHDOG_PID`.
  ///   - processID: This process.
  package init?(
    environment: [String: String] = ThisProcess.environment(),
    processID: Int32 = ThisProcess.processID
  ) {
    guard let path = environment["NOTIFY_SOCKET"], path.hasPrefix("/") || path.hasPrefix("@"),
      let socket = try? UnixDatagramSocket()
    else { return nil }
    self.path = path
    self.socket = socket
    watchdogInterval = Self.watchdogInterval(environment, processID)
  }

  private static func watchdogInterval(
    _ environment: [String: String], _ processID: Int32
  ) -> Double? {
    guard let microseconds = environment["WATCHDOG_USEC"].flatMap({ UInt64($0) }),
      microseconds > 0, environment["WATCHDOG_PID"] ?? "\(processID)" == "\(processID)"
    else { return nil }
    return Double(microseconds) / 1e6
  }

  /// Tells the manager something.
  package func tell(_ notes: Note...) {
    let text = notes.map(Self.text).joined(separator: "\n")
    _ = try? socket.send(Array(text.utf8), to: path)
  }

  /// Has the manager keep copies of open files, for the program that it starts next.
  ///
  /// - Parameters:
  ///   - descriptors: Open files, at most `UnixDatagramSocket.mostDescriptors`.
  ///   - name: What they are called then; without colon and control characters.
  /// - Throws: What sending failed with.
  package func store(_ descriptors: [Int32], name: String) throws(SystemError) {
    try socket.send(Array("FDSTORE=1\nFDNAME=\(name)".utf8), to: path, descriptors: descriptors)
  }

  /// Has the manager close what it keeps under a name.
  package func discard(name: String) {
    _ = try? socket.send(Array("FDSTOREREMOVE=1\nFDNAME=\(name)".utf8), to: path)
  }

  private static func text(_ note: Note) -> String {
    switch note {
    case .ready: "READY=1"
    case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(MonotonicClock.now() / 1_000)"
    case .stopping: "STOPPING=1"
    case .status(let text):
      "STATUS=" + text.split(whereSeparator: \.isNewline).joined(separator: " ")
    case .watchdog: "WATCHDOG=1"
    }
  }
}
