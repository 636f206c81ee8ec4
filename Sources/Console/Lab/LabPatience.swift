internal import Net

/// Waits for things to happen, and notices when somebody does not want to wait any longer.
final class LabPatience {
  private static let signals: [Signal] = [.interrupt, .terminate, .hangUp]
  private static let pause = 0.02
  private let source: SignalSource

  /// From now on the signals that end a program end only the waiting.
  init() throws {
    SignalSource.block(Self.signals)
    source = try SignalSource(Self.signals)
  }

  /// Throws if a signal has come.
  func check() throws {
    if try !source.read().isEmpty { throw LabError.interrupted }
  }

  /// Asks again and again until there is an answer.
  ///
  /// - Returns: the answer, or nil if `seconds` have passed.
  func wait<Value>(atMost seconds: Double, for answer: () throws -> Value?) throws -> Value? {
    let deadline = MonotonicClock.now() + UInt64(seconds * 1e9)
    while true {
      if let value = try answer() { return value }
      if MonotonicClock.now() > deadline { return nil }
      let ready = try Readiness.wait(on: source.rawValue, for: .readable, atMost: Self.pause)
      if !ready.isEmpty { try check() }
    }
  }

  /// Lets time pass.
  func rest(_ seconds: Double) throws {
    _ = try wait(atMost: seconds) { () -> Void? in nil }
  }

  /// Lets time pass, until there is something to read on a descriptor, which is read.
  func rest(_ seconds: Double, unlessInputOn descriptor: Int32) throws {
    let ready = try Readiness.wait(
      on: [(descriptor, .readable), (source.rawValue, .readable)], atMost: seconds)
    try check()
    if !ready[0].isEmpty { _ = try FileDescriptor.read(descriptor) }
  }
}
