internal import CLinux

/// One worker's counters: totals, and what each host and each row of the SA table did.
///
/// Invariant: only its worker adds, by plain loads and stores of whole words, so that counting costs
/// no locked instruction; any thread may read and sees each word as it was at some moment. At a quiet
/// moment, and after the worker's thread was joined, the words are exact. Numbers are checked against
/// the capacity when a row is inserted and again here in debug builds. A view: the bank's memory
/// belongs to `CounterBanks`.
@safe
struct CounterBank {
  fileprivate let base: UnsafeMutableRawPointer
  fileprivate let entryCapacity: Int

  /// The words of the totals, before one word for each drop reason.
  enum Total: Int {
    case received, forwardedInbound, forwardedOutbound, answered, consumed
    case receivedBytes, forwardedInboundBytes, forwardedOutboundBytes, unloggedDrops
    /// Of one worker alone it may be below 0, as two's complement: another may let a packet go.
    case held
  }

  // The layout, in octets; a row is half a cache line, a host is one.
  private static let dropsOffset = 16 * 8
  private static let hostsOffset = 512
  private static let recordSize = 32
  private static let hostRecordSize = 64
  private static let entriesOffset = hostsOffset + 65_536 * hostRecordSize
  private static let packetsOffset = 0
  private static let bytesOffset = 8
  private static let lastSeenOffset = 16
  private static let dropsOfHostOffset = 24
  private static let violationsOffset = 32

  fileprivate static func byteCount(entryCapacity: Int) -> Int {
    entriesOffset + entryCapacity * recordSize
  }

  private static func offset(ofHost host: UInt16) -> Int {
    hostsOffset + Int(host) &* hostRecordSize
  }

  private func offset(ofEntry entry: UInt32) -> Int {
    assert(entry < entryCapacity, "the row's number is beyond the capacity")
    return Self.entriesOffset &+ Int(entry) &* Self.recordSize
  }
}

// MARK: - The worker

extension CounterBank {
  @inline(__always)
  func add(_ total: Total, _ count: Int) {
    unsafe base.add64(total.rawValue &* 8, UInt64(truncatingIfNeeded: count))
  }

  @inline(__always)
  func addDrop(_ reason: DropReason) {
    unsafe base.add64(Self.dropsOffset &+ Int(reason.rawValue) &* 8, 1)
  }

  /// A packet to or from the host went through.
  @inline(__always)
  func addPacket(ofHost host: UInt16, bytes: Int) {
    let offset = Self.offset(ofHost: host)
    unsafe base.add64(offset &+ Self.packetsOffset, 1)
    unsafe base.add64(offset &+ Self.bytesOffset, UInt64(truncatingIfNeeded: bytes))
  }

  /// A packet from or to the host was dropped; it was the host's own fault if `isViolation`.
  @inline(__always)
  func addDrop(ofHost host: UInt16, isViolation: Bool) {
    let offset = Self.offset(ofHost: host)
    unsafe base.add64(offset &+ Self.dropsOfHostOffset, 1)
    if isViolation { unsafe base.add64(offset &+ Self.violationsOffset, 1) }
  }

  @inline(__always)
  func see(host: UInt16, now: UInt64) {
    unsafe base.setRelaxed64(Self.offset(ofHost: host) &+ Self.lastSeenOffset, now)
  }

  @inline(__always)
  func prefetch(entry: UInt32) {
    unsafe cl_prefetch(base + offset(ofEntry: entry))
  }

  /// An inbound packet went through because of the row.
  @inline(__always)
  func addPacket(ofEntry entry: UInt32, bytes: Int, now: UInt64) {
    let offset = offset(ofEntry: entry)
    unsafe base.add64(offset &+ Self.packetsOffset, 1)
    unsafe base.add64(offset &+ Self.bytesOffset, UInt64(truncatingIfNeeded: bytes))
    unsafe base.setRelaxed64(offset &+ Self.lastSeenOffset, now)
  }
}

// MARK: - Reading

extension CounterBank {
  private func word(_ offset: Int) -> UInt64 { unsafe base.relaxed64(offset) }

  private func total(_ total: Total) -> UInt64 { word(total.rawValue * 8) }

  func add(to sum: inout Totals) {
    sum.received &+= total(.received)
    sum.forwardedInbound &+= total(.forwardedInbound)
    sum.forwardedOutbound &+= total(.forwardedOutbound)
    sum.answered &+= total(.answered)
    sum.consumed &+= total(.consumed)
    sum.held &+= total(.held)
    sum.receivedBytes &+= total(.receivedBytes)
    sum.forwardedInboundBytes &+= total(.forwardedInboundBytes)
    sum.forwardedOutboundBytes &+= total(.forwardedOutboundBytes)
    sum.unloggedDrops &+= total(.unloggedDrops)
    for reason in sum.drops.indices { sum.drops[reason] &+= word(Self.dropsOffset + reason * 8) }
  }

  func add(host: UInt16, to sum: inout HostCounters) {
    let offset = Self.offset(ofHost: host)
    sum.packets &+= word(offset + Self.packetsOffset)
    sum.bytes &+= word(offset + Self.bytesOffset)
    sum.drops &+= word(offset + Self.dropsOfHostOffset)
    sum.violations &+= word(offset + Self.violationsOffset)
    sum.lastSeen = max(sum.lastSeen, word(offset + Self.lastSeenOffset))
  }

  func add(entry: UInt32, to sum: inout EntryCounters) {
    let offset = offset(ofEntry: entry)
    sum.packets &+= word(offset + Self.packetsOffset)
    sum.bytes &+= word(offset + Self.bytesOffset)
    sum.lastSeen = max(sum.lastSeen, word(offset + Self.lastSeenOffset))
  }

  fileprivate func clear(entry: UInt32) {
    let offset = offset(ofEntry: entry)
    guard word(offset + Self.packetsOffset) != 0 else { return }
    unsafe base.setRelaxed64(offset + Self.packetsOffset, 0)
    unsafe base.setRelaxed64(offset + Self.bytesOffset, 0)
    unsafe base.setRelaxed64(offset + Self.lastSeenOffset, 0)
  }
}

/// The counters of all workers.
///
/// Mapped for the most rows there can be: what counts nothing takes no memory.
struct CounterBanks: ~Copyable {
  private let memory: MappedMemory
  private let workers: Int
  private let entryCapacity: Int
  private let bankSize: Int

  init(workers: Int, entryCapacity: Int) {
    self.workers = workers
    self.entryCapacity = entryCapacity
    // A page between banks keeps two workers off one line, whatever the capacity is.
    bankSize = (CounterBank.byteCount(entryCapacity: entryCapacity) + 8191) & ~4095
    memory = MappedMemory(byteCount: bankSize * workers)
  }

  func bank(_ worker: Int) -> CounterBank {
    precondition((0..<workers).contains(worker), "no such worker")
    return unsafe CounterBank(base: memory.base + worker * bankSize, entryCapacity: entryCapacity)
  }

  func totals() -> Totals {
    var sum = Totals()
    for worker in 0..<workers { bank(worker).add(to: &sum) }
    // Seen between one worker's addition and another's subtraction.
    if Int64(bitPattern: sum.held) < 0 { sum.held = 0 }
    return sum
  }

  func counters(ofHost host: UInt16) -> HostCounters {
    var sum = HostCounters()
    for worker in 0..<workers { bank(worker).add(host: host, to: &sum) }
    return sum
  }

  /// All zero for a number beyond the capacity.
  func counters(ofEntry entry: UInt32) -> EntryCounters {
    var sum = EntryCounters()
    guard entry < entryCapacity else { return sum }
    for worker in 0..<workers { bank(worker).add(entry: entry, to: &sum) }
    return sum
  }

  /// Starts a row's counters at 0.
  ///
  /// Only while no worker can be counting for that number: the row that had it before is gone and
  /// every worker is past that.
  func clear(entry: UInt32) {
    for worker in 0..<workers { bank(worker).clear(entry: entry) }
  }
}
