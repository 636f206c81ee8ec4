import Testing

@testable import Net

@Suite(.timeLimit(.minutes(1))) struct ThreadTests {
  @Test(arguments: [
    ("dnat-worker-0", "dnat-worker-0"), ("longer-than-fifteen", "longer-than-fif"),
  ])
  func hasItsName(_ name: String, _ shown: String) throws {
    let box = Reading()
    try startThread(name: name) { box.read("/proc/thread-self/comm") }.join()
    #expect(box.text == shown + "\n")
  }

  @Test func staysOnItsProcessor() throws {
    let box = Reading()
    try startThread(name: "pinned", cpu: 0) { box.read("/proc/thread-self/status") }.join()
    #expect(box.text.contains("Cpus_allowed_list:\t0\n"))
  }

  @Test func joinsOnce() throws {
    let thread = try startThread(name: "short") {}
    thread.join()
    thread.join()
  }

  @Test func readsBlockedSignals() throws {
    let read = try onThread {
      SignalSource.block([.user1, .user2, .terminate])
      let source = try SignalSource([.user1, .user2])
      let before = try source.read()
      for signal in [Signal.user2, .user2, .user1] { raiseHere(signal) }
      let ready = try Readiness.wait(on: source.rawValue, for: .readable, atMost: nil)
      return (before, ready, try source.read(), try source.read())
    }
    #expect(read.0 == [] && read.1 == .readable)
    // The lowest number first; two of a kind are one.
    #expect(read.2 == [.user1, .user2] && read.3 == [])
  }
}

/// Invariant: written by one thread, read after it was joined.
private final class Reading: @unchecked Sendable {
  private(set) var text = ""

  func read(_ path: String) {
    text = (try? File.readText(path)) ?? "unreadable"
  }
}
