import Testing

@testable import Engine

@Suite struct DeadlineQueueTests {
  @Test func `it agrees with a list that is sorted each time`() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededRandom(seed: seed)
    var queue = DeadlineQueue<Int>()
    var naive: [(deadline: UInt64, order: Int, key: Int)] = []
    for order in 0..<5000 {
      let key = Int.random(in: 0..<60, using: &random)
      switch Int.random(in: 0..<5, using: &random) {
      case 0...2:
        let deadline = UInt64.random(in: 0..<100, using: &random)
        queue.set(key, to: deadline)
        naive.removeAll { $0.key == key }
        naive.append((deadline, order, key))
      case 3:
        queue.remove(key)
        naive.removeAll { $0.key == key }
      default:
        let moment = UInt64.random(in: 0..<100, using: &random)
        naive.sort { ($0.deadline, $0.order) < ($1.deadline, $1.order) }
        let due = naive.first.flatMap { $0.deadline <= moment ? $0.key : nil }
        if due != nil { naive.removeFirst() }
        if queue.takeDue(at: moment) != due {
          Issue.record("another thing is due, seed \(seed), step \(order)")
          return
        }
      }
      if queue.count != naive.count || queue.next != naive.map(\.deadline).min() {
        Issue.record("another deadline is next, seed \(seed), step \(order)")
        return
      }
    }
  }
}

@Suite struct RateLimitTests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let name: String
    let perSecond: Int
    /// Milliseconds at which one more is asked for.
    let at: [UInt64]
    let admitted: [Bool]
    var testDescription: String { name }
  }

  @Test(
    "so many at once, and so many a second",
    arguments: [
      Vector(
        name: "one a second", perSecond: 1, at: [0, 0, 999, 1000, 1001, 2000],
        admitted: [true, false, false, true, false, true]),
      Vector(
        name: "a burst, then the rate", perSecond: 4, at: [0, 0, 0, 0, 0, 249, 250, 250, 499, 500],
        admitted: [true, true, true, true, false, false, true, false, false, true]),
      Vector(
        name: "a pause saves up a burst and no more", perSecond: 2,
        at: [0, 60_000, 60_000, 60_000],
        admitted: [true, true, true, false]),
      Vector(name: "none counts as one", perSecond: 0, at: [0, 0], admitted: [true, false]),
    ])
  func admission(_ vector: Vector) {
    var limit = RateLimit(perSecond: vector.perSecond)
    let admitted = vector.at.map { limit.admit(at: Instant.after($0).monotonic) }
    #expect(admitted == vector.admitted)
  }
}

@Suite struct InstantTests {
  @Test func `a deadline sticks at the end of time`() {
    let late = Instant(monotonic: .max - 5, wallClock: 0)
    #expect(late.deadline(after: 1) == .max)
    #expect(Instant.after(0).deadline(after: UInt64.max) == .max)
    #expect(Instant.after(0).deadline(after: 2) == Instant.after(2000).monotonic)
  }

  @Test func `a monotonic moment has a time of day`() {
    let now = Instant.after(5000)
    #expect(now.wallClock(at: Instant.after(7000).monotonic) == Instant.after(7000).wallClock)
    #expect(now.wallClock(at: Instant.after(1000).monotonic) == Instant.after(1000).wallClock)
    #expect(Instant(monotonic: 100, wallClock: 5).wallClock(at: 0) == 0)
  }
}
