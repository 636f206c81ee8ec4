package import PAP

/// The addresses from which most packets were dropped, in bounded memory.
///
/// The algorithm is Space-Saving (Metwally, Agrawal, El Abbadi, "Efficient computation of frequent and
/// top-k elements in data streams", 2005): an address that finds no room takes the place of the one
/// with the fewest packets and inherits their number as its possible error. Every address with more
/// than 1/capacity of all packets is kept.
package struct TopSources: Sendable {
  /// What is known of one address.
  package struct Source: Hashable, Sendable {
    package var address: IPv4Address
    /// Packets that were counted for certain; there may have been more.
    package var count: UInt64
    /// Packets a second, over the last whole seconds.
    package var perSecond: Double
    package var lastReason: DropReason
  }

  private struct Counter: Sendable {
    var address: UInt32
    /// Never less than the true number.
    var upperBound: UInt64
    /// How much of `upperBound` may be others' packets.
    var error: UInt64
    var lastReason: DropReason
    var recent = RecentCount()
  }

  private let capacity: Int
  // A heap with the fewest packets on top, and where each address stands in it.
  private var heap: [Counter] = []
  private var places: [UInt32: Int] = [:]

  /// Makes an empty count.
  ///
  /// - Parameter capacity: addresses kept, at least 1.
  package init(capacity: Int) {
    precondition(capacity >= 1, "room for one address is needed")
    self.capacity = capacity
  }

  /// Counts a packet from an address, dropped at a moment (monotonic nanoseconds).
  ///
  /// O(log capacity).
  package mutating func add(_ address: UInt32, _ reason: DropReason, at time: UInt64) {
    let place = places[address] ?? takePlace(for: address)
    heap[place].upperBound += 1
    heap[place].lastReason = reason
    heap[place].recent.add(at: time)
    sink(place)
  }

  /// The addresses with most packets, most first.
  package func top(_ count: Int, at now: UInt64) -> [Source] {
    let sources = heap.map { counter in
      Source(
        address: IPv4Address(rawValue: counter.address), count: counter.upperBound - counter.error,
        perSecond: counter.recent.perSecond(at: now), lastReason: counter.lastReason)
    }
    return Array(
      sources.sorted { ($1.count, $0.address) < ($0.count, $1.address) }.prefix(max(0, count)))
  }

  /// All addresses, in no order, with the packets that were counted for certain.
  var counts: [(key: IPv4Address, total: UInt64)] {
    heap.map { (IPv4Address(rawValue: $0.address), $0.upperBound - $0.error) }
  }

  private mutating func takePlace(for address: UInt32) -> Int {
    guard heap.count == capacity else {
      heap.append(Counter(address: address, upperBound: 0, error: 0, lastReason: .malformed))
      places[address] = heap.count - 1
      return rise(heap.count - 1)
    }
    places[heap[0].address] = nil
    heap[0] = Counter(
      address: address, upperBound: heap[0].upperBound, error: heap[0].upperBound,
      lastReason: .malformed)
    places[address] = 0
    return 0
  }

  private mutating func rise(_ start: Int) -> Int {
    var place = start
    while place > 0, heap[place].upperBound < heap[(place - 1) / 2].upperBound {
      exchange(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
    return place
  }

  private mutating func sink(_ start: Int) {
    var place = start
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2]
      where child < heap.count && heap[child].upperBound < heap[least].upperBound { least = child }
      guard least != place else { return }
      exchange(place, least)
      place = least
    }
  }

  private mutating func exchange(_ one: Int, _ other: Int) {
    heap.swapAt(one, other)
    places[heap[one].address] = one
    places[heap[other].address] = other
  }
}

/// How many events came in each of the last few seconds.
struct RecentCount: Sendable {
  private static let seconds: UInt64 = 5

  // One for each of these seconds, and one for the present one.
  private var buckets = InlineArray<6, UInt32>(repeating: 0)
  private var newest: UInt64 = 0

  /// Counts an event at a moment (monotonic nanoseconds).
  ///
  /// One that is too old is not counted.
  mutating func add(at time: UInt64) {
    let second = time / 1_000_000_000
    let size = UInt64(buckets.count)
    if second > newest {
      for gone in 1...min(second - newest, size) { buckets[Int((newest + gone) % size)] = 0 }
      newest = second
    }
    if newest - second < size { buckets[Int(second % size)] &+= 1 }
  }

  /// The mean of the whole seconds before the one of this moment.
  func perSecond(at now: UInt64) -> Double {
    let second = now / 1_000_000_000
    let size = UInt64(buckets.count)
    var sum: UInt64 = 0
    for age in 1...Self.seconds where second >= age {
      let wanted = second - age
      if wanted <= newest, newest - wanted < size { sum += UInt64(buckets[Int(wanted % size)]) }
    }
    return Double(sum) / Double(Self.seconds)
  }
}
