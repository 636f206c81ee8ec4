import Testing

@testable import Net

@Suite struct TimerHeapTests {
  @Test func firesInOrderOfDeadlineThenOfMaking() {
    var heap = TimerHeap()
    var fired: [Int] = []
    for (number, deadline) in [30, 10, 20, 10, 10].enumerated() {
      _ = heap.add(deadline: UInt64(deadline), interval: nil) { fired.append(number) }
    }
    while let body = heap.takeDue(at: 20) { body() }
    #expect(fired == [1, 3, 4, 2])
    #expect(heap.nextDeadline == 30 && heap.count == 1)
  }

  @Test func repeatsAndSkipsWhatItMissed() {
    var heap = TimerHeap()
    let id = heap.add(deadline: 10, interval: 10) {}
    #expect(heap.takeDue(at: 9) == nil)
    #expect(heap.takeDue(at: 10) != nil)
    #expect(heap.nextDeadline == 20)
    // Three intervals late: one call, and not another one at the same moment.
    #expect(heap.takeDue(at: 55) != nil)
    #expect(heap.takeDue(at: 55) == nil)
    #expect(heap.nextDeadline == 56)
    heap.cancel(id)
    #expect(heap.takeDue(at: 1000) == nil && heap.count == 0)
  }

  /// Compares with a plain list of (deadline, number), through random additions, cancellations and
  /// steps of time.
  @Test(arguments: [1, 2, 3, UInt64.random(in: 4...UInt64.max)])
  func agreesWithAPlainList(_ seed: UInt64) {
    var random = SplitMix(state: seed)
    var heap = TimerHeap()
    var model: [(deadline: UInt64, number: Int, id: TimerID)] = []
    var now: UInt64 = 0
    var fired: [Int] = []
    for number in 0..<4000 {
      switch random.next() % 4 {
      case 0, 1:
        let deadline = now + random.next() % 50
        let id = heap.add(deadline: deadline, interval: nil) { fired.append(number) }
        model.append((deadline, number, id))
      case 2:
        guard let victim = model.indices.randomElement(using: &random) else { continue }
        heap.cancel(model.remove(at: victim).id)
      default:
        now += random.next() % 20
        fired = []
        while let body = heap.takeDue(at: now) { body() }
        let due = model.filter { $0.deadline <= now }
          .sorted { ($0.deadline, $0.number) < ($1.deadline, $1.number) }
        model.removeAll { $0.deadline <= now }
        if fired != due.map(\.number) || heap.count != model.count {
          Issue.record("seed \(seed), step \(number): \(fired) and not \(due.map(\.number))")
          return
        }
      }
    }
  }
}

/// A small generator with a seed, to repeat a failure.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}
