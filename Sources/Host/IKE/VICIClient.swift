internal import Net

/// A connection to charon's VICI socket, on one reactor's thread.
///
/// Registers for events, passes them on, and gives commands. It does not come back by itself once it
/// has ended.
final class VICIClient {
  /// What the connection tells its owner.
  enum Notice {
    /// All registrations were answered; charon lacks the events named here.
    case ready(missing: [String])
    /// An event; those that belong to a command come before its answer.
    case event(String, VICIMessage)
    /// The connection is over, and why.
    case ended(String)
  }

  private enum Awaited {
    case registration(String)
    case answer((VICIMessage?) -> Void)
  }

  private let stream: UnixStream
  private let reactor: Reactor
  private let onNotice: (Notice) -> Void
  private var frames = VICIFrames()
  private var unsent: [UInt8] = []
  /// Answers come in the order of the requests.
  private var awaited: [Awaited] = []
  private var missing: [String] = []
  private var isReady = false
  private var isOpen = true

  /// Connects and registers for `events`.
  ///
  /// - Throws: `ENOENT` or `ECONNREFUSED` while charon does not run.
  init(
    path: String, events: [String], reactor: Reactor, _ onNotice: @escaping (Notice) -> Void
  ) throws(SystemError) {
    stream = try UnixStream(connectingTo: path)
    self.reactor = reactor
    self.onNotice = onNotice
    try reactor.watch(stream.rawValue, read: true, write: false) { [weak self] readiness in
      self?.serve(readiness)
    }
    for event in events { request(.eventRegister(event), .registration(event)) }
  }

  /// Gives a command; its answer is nil if charon does not know it.
  ///
  /// There is none if the connection ends before.
  func ask(
    _ command: String, _ arguments: VICIMessage = VICIMessage(),
    _ onAnswer: @escaping (VICIMessage?) -> Void
  ) {
    request(.commandRequest(command, arguments), .answer(onAnswer))
  }

  /// Ends the connection; no notice follows.
  func close() {
    guard isOpen else { return }
    isOpen = false
    reactor.unwatch(stream.rawValue)
  }

  private func end(_ reason: String) {
    guard isOpen else { return }
    close()
    onNotice(.ended(reason))
  }

  private func request(_ packet: VICIPacket, _ answer: Awaited) {
    guard isOpen else { return }
    awaited.append(answer)
    unsent += VICIFrames.frame(packet.encoded())
    flush()
  }

  private func serve(_ readiness: Readiness) {
    if readiness.contains(.writable) { flush() }
    if isOpen, !readiness.isDisjoint(with: [.readable, .hangUp, .failed]) { receive() }
  }

  private func flush() {
    do throws(SystemError) {
      while !unsent.isEmpty, let count = try stream.write(unsent) { unsent.removeFirst(count) }
      try reactor.change(stream.rawValue, read: true, write: !unsent.isEmpty)
    } catch {
      end("\(error)")
    }
  }

  private func receive() {
    do throws(SystemError) {
      guard let octets = try stream.read() else { return }
      guard !octets.isEmpty else { return end("charon closed the connection") }
      frames.append(octets)
    } catch {
      return end("\(error)")
    }
    do throws(VICIDecodingError) {
      while isOpen, let frame = try frames.next() { take(try VICIPacket(decoding: frame)) }
    } catch {
      end("charon's packet cannot be read: \(error)")
    }
  }

  private func take(_ packet: VICIPacket) {
    switch packet {
    case .event(let name, let message): onNotice(.event(name, message))
    case .eventConfirm: registered(isKnown: true)
    case .eventUnknown: registered(isKnown: false)
    case .commandResponse(let message): answered(message)
    case .commandUnknown: answered(nil)
    case .commandRequest, .eventRegister, .eventUnregister: end("charon sent a request")
    }
  }

  private func registered(isKnown: Bool) {
    guard case .registration(let name)? = awaited.first else {
      return end("charon confirmed what was not asked for")
    }
    awaited.removeFirst()
    if !isKnown { missing.append(name) }
    let waits = awaited.contains { if case .registration = $0 { true } else { false } }
    guard !waits, !isReady else { return }
    isReady = true
    onNotice(.ready(missing: missing))
  }

  private func answered(_ message: VICIMessage?) {
    guard case .answer(let onAnswer)? = awaited.first else {
      return end("charon answered what was not asked")
    }
    awaited.removeFirst()
    onAnswer(message)
  }
}
