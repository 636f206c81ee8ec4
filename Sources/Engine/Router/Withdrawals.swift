internal import PAP

/// What was taken away from a host and it has not confirmed to know (pap.md, section 8).
///
/// Kept until the host says so, or has not answered `mostSends` messages. It holds no more things than
/// it is told to; beyond that the oldest are forgotten.
struct Withdrawals: Sendable {
  /// Something that was taken, with the number that it was given: later things have higher ones.
  struct Numbered: Sendable {
    let number: UInt64
    let item: WithdrawnItem
    let reason: String
  }

  /// A message on its way.
  struct Notice: Sendable {
    let transactionID: UInt32
    var things: [Numbered]
    let reason: String
    /// How often it was sent.
    var sends = 0

    /// When it is to be sent again after so many times, in nanoseconds: as hosts do with requests.
    var patience: UInt64 { (UInt64.second / 4) << UInt64(max(sends, 1) - 1) }
  }

  /// How often a notice is sent.
  static let mostSends = 5

  private(set) var waiting: [Numbered] = []
  private var known: Set<WithdrawnItem> = []
  /// The one message on its way: another one follows when it is confirmed or given up.
  private(set) var notice: Notice?
  /// Whether a moment is set at which the next message is sent.
  var isScheduled = false
  /// Numbers of things that are new, or that need not be told any more.
  var touched = TouchList<UInt64>()

  /// The number of things to tell.
  var count: Int { waiting.count + (notice?.things.count ?? 0) }

  /// Whether there is nothing to tell.
  var isEmpty: Bool { notice == nil && waiting.isEmpty }

  /// Adds something that was taken, and why; nothing if the host is to be told already.
  mutating func add(_ item: WithdrawnItem, reason: String, number: UInt64, limit: Int) {
    guard known.insert(item).inserted else { return }
    if waiting.count >= max(limit, 1) {
      let oldest = waiting.removeFirst()
      known.remove(oldest.item)
      touched.add(oldest.number)
    }
    waiting.append(Numbered(number: number, item: item, reason: reason))
    touched.add(number)
  }

  /// Forgets everything.
  mutating func clear() {
    for thing in waiting { touched.add(thing.number) }
    waiting = []
    known = []
    endNotice()
  }

  /// Puts the next message together from the oldest things with one reason, as far as `isGone` says
  /// that they are still taken.
  ///
  /// False if there is nothing to tell.
  mutating func begin(transactionID: UInt32, isGone: (WithdrawnItem) -> Bool) -> Bool {
    while let reason = waiting.first?.reason {
      let things = takeThings(reason: reason, isGone: isGone)
      guard !things.isEmpty else { continue }
      notice = Notice(transactionID: transactionID, things: things, reason: reason)
      return true
    }
    return false
  }

  private mutating func takeThings(
    reason: String, isGone: (WithdrawnItem) -> Bool
  ) -> [Numbered] {
    var things: [Numbered] = []
    var taken = 0
    for one in waiting {
      guard one.reason == reason, Self.fits(one.item, with: things) else { break }
      taken += 1
      known.remove(one.item)
      if isGone(one.item), !things.contains(where: { $0.item == one.item }) {
        things.append(one)
      } else {
        touched.add(one.number)
      }
    }
    waiting.removeFirst(taken)
    return things
  }

  /// Whether a message with these things has room for one more: each option but entries comes once
  /// (pap.md, section 4).
  private static func fits(_ item: WithdrawnItem, with things: [Numbered]) -> Bool {
    switch item {
    case .entry: things.count < WireFormat.mostEntries
    case .slot, .claim: !things.contains { $0.item.isSPIs }
    case .ports: !things.contains { if case .ports = $0.item { true } else { false } }
    }
  }

  /// Counts a message that is sent now, of which `isGone` says what is still taken.
  ///
  /// Nil if nothing is.
  mutating func send(isGone: (WithdrawnItem) -> Bool) -> Notice? {
    for thing in notice?.things ?? [] where !isGone(thing.item) { touched.add(thing.number) }
    notice?.things.removeAll { !isGone($0.item) }
    guard notice?.things.isEmpty == false else {
      notice = nil
      return nil
    }
    notice?.sends += 1
    return notice
  }

  /// The host knows; false if that is no news.
  mutating func confirm(_ transactionID: UInt32) -> Bool {
    guard notice?.transactionID == transactionID else { return false }
    endNotice()
    return true
  }

  /// Forgets the message on its way.
  mutating func giveUp() {
    endNotice()
  }

  private mutating func endNotice() {
    for thing in notice?.things ?? [] { touched.add(thing.number) }
    notice = nil
  }
}

// MARK: Storing

extension Withdrawals {
  /// The thing of that number, if the host is still to be told of it.
  ///
  /// O(log n): things wait in the order of their numbers.
  func thing(_ number: UInt64) -> Numbered? {
    var (low, high) = (0, waiting.count)
    while low < high {
      let middle = (low + high) / 2
      if waiting[middle].number < number { low = middle + 1 } else { high = middle }
    }
    if low < waiting.count, waiting[low].number == number { return waiting[low] }
    return notice?.things.first { $0.number == number }
  }

  /// Takes a thing back from the store; numbers must rise.
  ///
  /// It may be there already: it was taken once more while the host was being told.
  ///
  /// - Returns: false if the numbers do not rise.
  mutating func restore(_ thing: Numbered) -> Bool {
    guard waiting.last.map({ $0.number < thing.number }) ?? true else { return false }
    known.insert(thing.item)
    waiting.append(thing)
    return true
  }
}

extension WithdrawnItem {
  fileprivate var isSPIs: Bool {
    switch self {
    case .slot, .claim: true
    case .entry, .ports: false
    }
  }
}
