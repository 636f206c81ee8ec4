/// Things that end, soonest first: a binary heap that knows where each thing is, so that a deadline
/// can be moved or dropped, and so that memory is one place per thing and no more.
///
/// Setting, removing and taking are O(log n). Of things due at the same moment the one set first
/// comes first, so that a run can be repeated exactly.
struct DeadlineQueue<Key: Hashable & Sendable>: Sendable {
  private struct Item: Sendable {
    var deadline: UInt64
    var order: UInt64
    var key: Key

    func precedes(_ other: Item) -> Bool {
      (deadline, order) < (other.deadline, other.order)
    }
  }

  private var heap: [Item] = []
  private var places: [Key: Int] = [:]
  private var order: UInt64 = 0

  /// The number of things with a deadline.
  var count: Int { heap.count }

  /// The soonest deadline (monotonic nanoseconds), or nil if nothing is waited for.
  var next: UInt64? { heap.first?.deadline }

  /// Gives a thing its deadline, or another one than it had.
  mutating func set(_ key: Key, to deadline: UInt64) {
    order += 1
    let item = Item(deadline: deadline, order: order, key: key)
    if let place = places[key] {
      heap[place] = item
      settle(place)
    } else {
      heap.append(item)
      places[key] = heap.count - 1
      rise(heap.count - 1)
    }
  }

  /// Forgets a thing.
  ///
  /// One without a deadline is no mistake.
  mutating func remove(_ key: Key) {
    guard let place = places.removeValue(forKey: key) else { return }
    let last = heap.removeLast()
    guard place < heap.count else { return }
    heap[place] = last
    places[last.key] = place
    settle(place)
  }

  /// The soonest thing whose deadline has come, or nil if there is none.
  func nextDue(at moment: UInt64) -> Key? {
    heap.first.flatMap { $0.deadline <= moment ? $0.key : nil }
  }

  /// Takes out the soonest thing whose deadline has come, or nil if there is none.
  mutating func takeDue(at moment: UInt64) -> Key? {
    guard let key = nextDue(at: moment) else { return nil }
    remove(key)
    return key
  }

  private mutating func settle(_ place: Int) {
    sink(place)
    rise(place)
  }

  private mutating func rise(_ start: Int) {
    var place = start
    while place > 0 {
      let parent = (place - 1) / 2
      guard heap[place].precedes(heap[parent]) else { return }
      exchange(place, parent)
      place = parent
    }
  }

  private mutating func sink(_ start: Int) {
    var place = start
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < heap.count {
        if heap[child].precedes(heap[least]) { least = child }
      }
      guard least != place else { return }
      exchange(place, least)
      place = least
    }
  }

  private mutating func exchange(_ one: Int, _ other: Int) {
    heap.swapAt(one, other)
    places[heap[one].key] = one
    places[heap[other].key] = other
  }
}
