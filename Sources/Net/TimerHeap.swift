/// Names a timer of one reactor.
///
/// Never used twice.
package struct TimerID: Hashable, Sendable {
  let number: UInt64
}

/// Timers in order of their deadlines: a binary heap, O(log n) to add and to take.
///
/// A cancelled timer stays in the heap until its turn comes or until such ones are the majority.
struct TimerHeap {
  struct Timer {
    /// Nanoseconds between calls; nil fires once.
    let interval: UInt64?
    let body: () -> Void
  }

  private struct Slot {
    let deadline: UInt64
    let id: TimerID

    /// Timers of the same moment fire in the order they were made.
    func isBefore(_ other: Slot) -> Bool {
      deadline == other.deadline ? id.number < other.id.number : deadline < other.deadline
    }
  }

  private var heap: [Slot] = []
  private var live: [TimerID: Timer] = [:]
  private var made: UInt64 = 0

  /// How many timers wait.
  var count: Int { live.count }

  /// The earliest moment at which something may be due.
  var nextDeadline: UInt64? { heap.first?.deadline }

  mutating func add(deadline: UInt64, interval: UInt64?, _ body: @escaping () -> Void) -> TimerID {
    made += 1
    let id = TimerID(number: made)
    live[id] = Timer(interval: interval, body: body)
    push(Slot(deadline: deadline, id: id))
    return id
  }

  mutating func cancel(_ id: TimerID) {
    live[id] = nil
    guard heap.count > 64, heap.count > 2 * live.count else { return }
    heap.removeAll { live[$0.id] == nil }
    // A sorted array is a heap.
    heap.sort { $0.isBefore($1) }
  }

  /// Takes the earliest timer that is due at `now`, and puts a repeating one back.
  ///
  /// A repeating timer that is late by more than an interval skips the calls it has missed.
  mutating func takeDue(at now: UInt64) -> (() -> Void)? {
    while let first = heap.first, first.deadline <= now {
      pop()
      guard let timer = live[first.id] else { continue }
      if let interval = timer.interval {
        push(Slot(deadline: max(first.deadline &+ interval, now &+ 1), id: first.id))
      } else {
        live[first.id] = nil
      }
      return timer.body
    }
    return nil
  }

  private mutating func push(_ slot: Slot) {
    heap.append(slot)
    var child = heap.count - 1
    while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  private mutating func pop() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
        if heap[child].isBefore(heap[least]) { least = child }
      }
      if least == parent { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
