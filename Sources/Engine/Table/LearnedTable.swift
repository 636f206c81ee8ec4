/// What workers learned from packets of hosts: which host sends to a peer under a number.
///
/// Memory that is shared by all workers, fixed in size, and mapped for the most it can hold; only
/// what is used takes memory. `LearnedTable.View` says how it is used.
struct LearnedTable: ~Copyable {
  private let memory: MappedMemory
  /// The side of the workers; not to be used after the table is gone.
  let view: View

  /// How much is learned, and for how long.
  struct Limits {
    /// Keys at once; a power of two, so that there can be four times as many cells.
    let keys: UInt32
    let keysPerHost: UInt32
    /// After so much time without a packet a key is idle, in nanoseconds.
    let idle: UInt64

    /// IKE SPIs: a daemon has one for each IKE SA, and a few while it rekeys.
    static let ike = Limits(keys: 16_384, keysPerHost: 1024, idle: 600_000_000_000)
    /// Outbound SPIs of ESP and AH.
    static let outboundSPIs = Limits(keys: 65_536, keysPerHost: 4096, idle: 600_000_000_000)
    /// IKE SAs as people are shown them.
    static let seenIKE = Limits(keys: 16_384, keysPerHost: 1024, idle: 3_600_000_000_000)
  }

  /// Makes an empty table; `random` is where the hash's secret comes from.
  init(_ limits: Limits, using random: inout some RandomNumberGenerator) {
    let cells = Int(limits.keys) * View.cellsPerKey
    precondition(cells & (cells - 1) == 0, "the number of cells is a power of two")
    memory = MappedMemory(byteCount: View.byteCount(cells: cells))
    unsafe view = View(
      base: memory.base, mask: cells - 1, limits: limits, seed: random.next(),
      multiplier: random.next() | 1)
  }
}

extension LearnedTable {
  /// Look-ups and insertions by any number of threads at once, without locks.
  ///
  /// A cell: state, number, peer, and for people a note and since when. A key may stand in each of 16
  /// cells from its home on.
  ///
  /// Invariant: a key is in at most one live cell. A cell goes through *free -> reserved -> tentative
  /// -> live -> free*, each step one exchange or, where only one thread can take it, one store of the
  /// state.
  ///
  /// - Number and peer are written only while the cell is reserved, by the thread that reserved it.
  ///   Who reads them loads the state before and after, and takes them only if it is the same.
  /// - The note is written by whoever sees the cell live, without more ado: a bit may get lost, or land
  ///   in the cell's next life. Nothing is decided by it.
  /// - A tentative cell can be seen by all, but owns nothing yet. Its thread, past a full fence, looks
  ///   at all other cells of the key. If one is live, or tentative and before its own, it gives up.
  ///   One that is tentative and behind its own it takes back to reserved, so that its thread fails to
  ///   make it live. Of two threads that made cells for one key tentative, at least one sees the
  ///   other's cell, for each has a fence between its store and its look; whichever it is, only one
  ///   of the two exchanges to live can succeed.
  /// - A live cell is taken back by an exchange of just that state, its time included; one that was
  ///   used meanwhile stays.
  ///
  /// A thread that stops half-way leaves one cell unusable until it goes on, and nobody waits for it.
  @safe
  struct View {
    let base: UnsafeMutableRawPointer
    let mask: Int
    let limits: Limits
    private let seed: UInt64
    private let multiplier: UInt64

    fileprivate static let cellsPerKey = 4
    /// How far from home a key may stand.
    static let reach = 16
    /// A live cell's time is set anew when it is older than this, about a second.
    private static let grain: UInt64 = 1 << 10

    // The layout, in octets: where sweeping goes on, keys of all and of each host, cells.
    static let cursorOffset = 0
    static let countsOffset = 128
    private static let cellsOffset = countsOffset + 65_536 * 4
    private static let cellSize = 32
    static let numberOffset = 8
    static let peerOffset = 16
    static let noteOffset = 20
    static let sinceOffset = 24

    fileprivate static func byteCount(cells: Int) -> Int { cellsOffset + cells * cellSize }

    fileprivate init(
      base: UnsafeMutableRawPointer, mask: Int, limits: Limits, seed: UInt64, multiplier: UInt64
    ) {
      unsafe self.base = base
      self.mask = mask
      self.limits = limits
      self.seed = seed
      self.multiplier = multiplier
    }
  }
}

// MARK: - Use

extension LearnedTable.View {
  /// Keys that are owned or about to be; for tests.
  var count: Int { unsafe Int(base.acquire32(Self.countsOffset)) }

  /// The owner of the key, or 0.
  ///
  /// `owns` tells whether an owner still is one.
  func owner(of key: LearnedKey, now: UInt64, _ owns: (LearnedOwner) -> Bool) -> UInt16 {
    for step in 0..<Self.reach {
      guard let found = contents(of: cell(key, step)), found.key == key, found.state.isLive else {
        continue
      }
      return owns(owner(found, now)) ? found.state.host : 0
    }
    return 0
  }

  /// The owner that is there already, or nil; if that is `host`, it has been seen now.
  func renew(
    _ key: LearnedKey, for host: UInt16, now: UInt64, _ owns: (LearnedOwner) -> Bool
  ) -> UInt16? {
    for step in 0..<Self.reach {
      let cell = cell(key, step)
      guard let found = contents(of: cell), found.key == key, found.state.isLive else { continue }
      if found.state.host == host {
        let old = found.state
        guard old.age(now) >= Self.grain else { return host }
        // If that fails, somebody else changed the cell: what the insertion finds decides.
        return exchange(cell, old, old.seen(now)) ? host : nil
      }
      if owns(owner(found, now)) { return found.state.host }
      _ = release(cell, found.state)
    }
    return nil
  }

  func owner(_ contents: Contents, _ now: UInt64) -> LearnedOwner {
    LearnedOwner(
      host: contents.state.host, key: contents.key,
      isIdle: contents.state.age(now) > LearnedState.time(limits.idle))
  }
}

// MARK: - Counts

extension LearnedTable.View {
  /// Counts one key more for the host and for all, if there may be one.
  func charge(_ host: UInt16) -> Bool {
    guard charge(Self.countsOffset, limits.keys) else { return false }
    if charge(Self.countsOffset + Int(host) * 4, limits.keysPerHost) { return true }
    discharge(Self.countsOffset)
    return false
  }

  private func charge(_ offset: Int, _ most: UInt32) -> Bool {
    if unsafe base.fetchAdd32(offset, 1) < most { return true }
    discharge(offset)
    return false
  }

  func discharge(_ host: UInt16) {
    discharge(Self.countsOffset + Int(host) * 4)
    discharge(Self.countsOffset)
  }

  // Adding the greatest number takes one off.
  private func discharge(_ offset: Int) { _ = unsafe base.fetchAdd32(offset, .max) }
}

// MARK: - Cells

extension LearnedTable.View {
  struct Contents {
    let state: LearnedState
    let key: LearnedKey
  }

  /// What a tentative or live cell holds; nil for others.
  func contents(of cell: Int) -> Contents? {
    let offset = offset(cell)
    while true {
      let state = state(of: cell)
      guard state.isVisible else { return nil }
      let key = unsafe LearnedKey(
        peer: base.acquire32(offset + Self.peerOffset),
        number: base.acquire64(offset + Self.numberOffset))
      if self.state(of: cell) == state { return Contents(state: state, key: key) }
    }
  }

  func state(of cell: Int) -> LearnedState {
    unsafe LearnedState(rawValue: base.acquire64(offset(cell)))
  }

  func exchange(_ cell: Int, _ old: LearnedState, _ new: LearnedState) -> Bool {
    unsafe base.exchange64(offset(cell), old.rawValue, new.rawValue)
  }

  func offset(_ cell: Int) -> Int { Self.cellsOffset &+ cell &* Self.cellSize }

  /// Takes a live cell back, if it is as it was seen.
  func release(_ cell: Int, _ state: LearnedState) -> Bool {
    guard exchange(cell, state, state.with(.free)) else { return false }
    discharge(state.host)
    return true
  }

  /// The cell `step` after the key's home.
  ///
  /// The hash is secret like the forwarding table's: nobody can aim at cells.
  func cell(_ key: LearnedKey, _ step: Int) -> Int {
    let first = (key.number ^ seed).multipliedFullWidth(by: multiplier)
    let word = first.high ^ first.low ^ UInt64(key.peer) << 16
    let second = word.multipliedFullWidth(by: multiplier)
    return (Int(truncatingIfNeeded: second.high ^ second.low) &+ step) & mask
  }
}
