import Testing

@testable import Net

@Suite(.timeLimit(.minutes(1))) struct ReactorTests {
  /// A handler of the same round, that has run before, unwatches the other one.
  @Test func unwatchedDescriptorGetsNoEventOfTheSameRound() throws {
    let calls = try onThread {
      let reactor = try Reactor()
      let pairs = try [UnixStream.pair(), UnixStream.pair()]
      for pair in pairs { _ = try pair.1.write([1]) }
      let numbers = pairs.map(\.0.rawValue)
      var calls: [Int32] = []
      for (mine, other) in [(numbers[0], numbers[1]), (numbers[1], numbers[0])] {
        try reactor.watch(mine, read: true, write: false) { _ in
          calls.append(mine)
          reactor.unwatch(other)
          reactor.unwatch(mine)
        }
      }
      reactor.after(0) { reactor.after(0) { reactor.stop() } }
      reactor.run()
      withExtendedLifetime(pairs) {}
      return calls
    }
    #expect(calls.count == 1)
  }

  /// A watch made in place of another one, under the same number, gets none of its events.
  @Test func newWatchGetsNoEventOfAnOldOne() throws {
    let calls = try onThread {
      let reactor = try Reactor()
      let pairs = try [UnixStream.pair(), UnixStream.pair()]
      for pair in pairs { _ = try pair.1.write([1]) }
      let numbers = pairs.map(\.0.rawValue)
      var calls: [String] = []
      var isFirst = true
      for (mine, other) in [(numbers[0], numbers[1]), (numbers[1], numbers[0])] {
        try reactor.watch(mine, read: true, write: false) { _ in
          guard isFirst else { return calls.append("old") }
          isFirst = false
          reactor.unwatch(mine)
          reactor.unwatch(other)
          // For nothing: an event can only be the old watch's.
          try? reactor.watch(other, read: false, write: false) { _ in calls.append("new") }
        }
      }
      reactor.after(0) { reactor.after(0) { reactor.stop() } }
      reactor.run()
      withExtendedLifetime(pairs) {}
      return calls
    }
    #expect(calls == [])
  }

  /// Two descriptors are ready in one round, and the first handler ends the loop.
  @Test func stopsAfterTheHandlerThatSaysSo() throws {
    let calls = try onThread {
      let reactor = try Reactor()
      let pairs = try [UnixStream.pair(), UnixStream.pair()]
      var calls = 0
      for pair in pairs {
        _ = try pair.1.write([1])
        try reactor.watch(pair.0.rawValue, read: true, write: false) { _ in
          calls += 1
          reactor.stop()
        }
      }
      reactor.after(0) { calls += 1 }
      reactor.run()
      withExtendedLifetime(pairs) {}
      return calls
    }
    #expect(calls == 1)
  }

  @Test func callsAgainWhileSomethingIsLeft() throws {
    let taken = try onThread {
      let reactor = try Reactor()
      let (left, right) = try UnixStream.pair()
      _ = try right.write("abc".utf8)
      var taken: [UInt8] = []
      try reactor.watch(left.rawValue, read: true, write: false) { readiness in
        guard readiness == .readable else { return }
        taken += (try? left.read(upTo: 1)) ?? []
        if taken.count == 3 { reactor.stop() }
      }
      reactor.run()
      withExtendedLifetime(right) {}
      return taken
    }
    #expect(taken == Array("abc".utf8))
  }

  @Test func changesWhatItWatchesFor() throws {
    let seen = try onThread {
      let reactor = try Reactor()
      let (left, right) = try UnixStream.pair()
      var seen: [Readiness] = []
      try reactor.watch(left.rawValue, read: true, write: false) { readiness in
        seen.append(readiness)
        try? reactor.change(left.rawValue, read: false, write: false)
        reactor.after(0) { reactor.stop() }
      }
      reactor.after(0) { try? reactor.change(left.rawValue, read: true, write: true) }
      reactor.run()
      withExtendedLifetime(right) {}
      return seen
    }
    #expect(seen == [.writable])
  }

  @Test func tellsThatTheOtherSideHasGone() throws {
    let seen = try onThread {
      let reactor = try Reactor()
      let pair = try UnixStream.pair()
      let left = pair.0
      var seen: [Readiness] = []
      try reactor.watch(left.rawValue, read: true, write: false) { readiness in
        seen.append(readiness)
        reactor.stop()
      }
      try pair.1.finishWriting()
      try left.finishWriting()
      reactor.run()
      return seen
    }
    #expect(seen.first?.contains([.readable, .hangUp]) == true)
  }

  @Test func refusesWhatCannotBeWatched() throws {
    let texts = try onThread {
      let reactor = try Reactor()
      let (left, right) = try UnixStream.pair()
      let number = left.rawValue
      let file = try FileDescriptor.open("/etc/passwd", 0)
      let fileNumber = file.rawValue
      try reactor.watch(number, read: true, write: false) { _ in }
      let codes = [
        systemError { try reactor.watch(number, read: true, write: false) { _ in } }?.code,
        systemError { try reactor.watch(fileNumber, read: true, write: false) { _ in } }?.code,
        systemError { try reactor.change(fileNumber, read: true, write: false) }?.code,
      ]
      reactor.unwatch(fileNumber)
      withExtendedLifetime((left, right)) {}
      return codes
    }
    // EEXIST, EPERM, ENOENT
    #expect(texts == [17, 1, 2])
  }

  @Test func timersFireInOrderAndNotWhenCancelled() throws {
    let fired = try onThread {
      let reactor = try Reactor()
      var fired: [String] = []
      reactor.after(0.003) {
        fired.append("last")
        reactor.stop()
      }
      let cancelled = reactor.after(0.002) { fired.append("cancelled") }
      reactor.after(0.001) {
        fired.append("first")
        reactor.cancel(cancelled)
      }
      reactor.after(-1) { fired.append("at once") }
      reactor.run()
      return fired
    }
    #expect(fired == ["at once", "first", "last"])
  }

  @Test func repeatingTimerCancelsItself() throws {
    let count = try onThread {
      let reactor = try Reactor()
      var count = 0
      var timer: TimerID?
      timer = reactor.every(0.0001) {
        count += 1
        guard count == 5, let timer else { return }
        reactor.cancel(timer)
        reactor.after(0.001) { reactor.stop() }
      }
      reactor.run()
      return count
    }
    #expect(count == 5)
  }

  @Test func takesWorkFromOtherThreadsInOrder() throws {
    let perThread = 2000
    let received = try onThread {
      let reactor = try Reactor()
      var received: [[Int]] = [[], [], []]
      let mailbox = reactor.mailbox { (message: (thread: Int, number: Int)) in
        received[message.thread].append(message.number)
        if received.allSatisfy({ $0.count == perThread }) { reactor.stop() }
      }
      let threads = try (0..<3).map { thread in
        try startThread(name: "sender") {
          for number in 0..<perThread { mailbox.send((thread, number)) }
        }
      }
      reactor.run()
      for thread in threads { thread.join() }
      return received
    }
    #expect(received == Array(repeating: Array(0..<perThread), count: 3))
  }

  @Test func stopsFromAnotherThreadAndForgetsWhatComesAfter() throws {
    let submitter = try onThread {
      let reactor = try Reactor()
      let submitter = reactor.submitter
      // One item alone must wake the loop.
      let thread = try startThread(name: "stopper") { submitter.stop() }
      reactor.run()
      thread.join()
      return submitter
    }
    // The reactor has gone.
    submitter.submit { Issue.record("ran without a reactor") }
  }
}
