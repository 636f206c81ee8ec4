internal import PAP

/// What was taken away from a host and it has not confirmed to know (pap.md, section 8).
///
/// Kept until the host says so, or has not answered `mostSends` messages. It holds no more things than
/// it is told to; beyond that the oldest are forgotten.
struct Withdrawals: Sendable {
  /// Something that a host had.
  enum Item: Hashable, Sendable {
    case entry(Entry)
    case slot(Slot)
    case claim(SPI)
    case ports(PortBlock)
  }

  /// A message on its way.
  struct Notice: Sendable {
    let transactionID: UInt32
    var items: [Item]
    let reason: String
    /// How often it was sent.
    var sends = 0

    /// When it is to be sent again after so many times, in nanoseconds: as hosts do with requests.
    var patience: UInt64 { (UInt64.second / 4) << UInt64(max(sends, 1) - 1) }
  }

  private struct Waiting: Sendable {
    let item: Item
    let reason: String
  }

  /// How often a notice is sent.
  static let mostSends = 5

  private var waiting: [Waiting] = []
  private var known: Set<Item> = []
  /// The one message on its way: another one follows when it is confirmed or given up.
  private(set) var notice: Notice?
  /// Whether a moment is set at which the next message is sent.
  var isScheduled = false

  /// The number of things to tell.
  var count: Int { waiting.count + (notice?.items.count ?? 0) }

  /// Whether there is nothing to tell.
  var isEmpty: Bool { notice == nil && waiting.isEmpty }

  /// Adds something that was taken, and why; nothing if the host is to be told already.
  mutating func add(_ item: Item, reason: String, limit: Int) {
    guard known.insert(item).inserted else { return }
    if waiting.count >= max(limit, 1) { known.remove(waiting.removeFirst().item) }
    waiting.append(Waiting(item: item, reason: reason))
  }

  /// Puts the next message together from the oldest things with one reason, as far as `isGone` says
  /// that they are still taken.
  ///
  /// False if there is nothing to tell.
  mutating func begin(transactionID: UInt32, isGone: (Item) -> Bool) -> Bool {
    while let reason = waiting.first?.reason {
      let items = takeItems(reason: reason, isGone: isGone)
      guard !items.isEmpty else { continue }
      notice = Notice(transactionID: transactionID, items: items, reason: reason)
      return true
    }
    return false
  }

  private mutating func takeItems(reason: String, isGone: (Item) -> Bool) -> [Item] {
    var items: [Item] = []
    var taken = 0
    for one in waiting {
      guard one.reason == reason, Self.fits(one.item, with: items) else { break }
      taken += 1
      known.remove(one.item)
      if isGone(one.item) { items.append(one.item) }
    }
    waiting.removeFirst(taken)
    return items
  }

  /// Whether a message with these things has room for one more: each option but entries comes once
  /// (pap.md, section 4).
  private static func fits(_ item: Item, with items: [Item]) -> Bool {
    switch item {
    case .entry: items.count < WireFormat.mostEntries
    case .slot, .claim: !items.contains { $0.isSPIs }
    case .ports: !items.contains { if case .ports = $0 { true } else { false } }
    }
  }

  /// Counts a message that is sent now, of which `isGone` says what is still taken.
  ///
  /// Nil if nothing is.
  mutating func send(isGone: (Item) -> Bool) -> Notice? {
    notice?.items.removeAll { !isGone($0) }
    guard notice?.items.isEmpty == false else {
      notice = nil
      return nil
    }
    notice?.sends += 1
    return notice
  }

  /// The host knows; false if that is no news.
  mutating func confirm(_ transactionID: UInt32) -> Bool {
    guard notice?.transactionID == transactionID else { return false }
    notice = nil
    return true
  }

  /// Forgets the message on its way.
  mutating func giveUp() {
    notice = nil
  }
}

extension Withdrawals.Item {
  fileprivate var isSPIs: Bool {
    switch self {
    case .slot, .claim: true
    case .entry, .ports: false
    }
  }

  /// The thing as an option of a message.
  var option: Message.Option {
    switch self {
    case .entry(let entry): .invalidAddress(entry)
    case .slot(let slot): .spis(first: slot.firstSPI.rawValue, count: Slot.spiCount)
    case .claim(let spi): .spis(first: spi.rawValue, count: 1)
    case .ports(let block): .ports(first: block.first, count: block.count)
    }
  }
}
