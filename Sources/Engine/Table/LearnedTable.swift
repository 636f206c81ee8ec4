internal import CLinux

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

/// What a learned owner is found by.
struct LearnedKey: Equatable {
  /// The peer's address, host byte order.
  var peer: UInt32
  /// An IKE SPI; or an IP protocol above an outbound SPI. Host byte order.
  var number: UInt64

  init(peer: UInt32, ikeSPI: UInt64) {
    self.peer = peer
    number = ikeSPI
  }

  init(peer: UInt32, outboundSPI spi: UInt32, protocolNumber: UInt8) {
    self.peer = peer
    number = UInt64(protocolNumber) << 32 | UInt64(spi)
  }

  fileprivate init(peer: UInt32, number: UInt64) {
    self.peer = peer
    self.number = number
  }
}

/// A learned owner, when it is asked whether it still is one.
struct LearnedOwner {
  let host: UInt16
  let peer: UInt32
  /// Whether the host sent nothing under the key for a while.
  let isIdle: Bool
}

extension LearnedTable {
  /// Look-ups and insertions by any number of threads at once, without locks.
  ///
  /// A cell: state, number, peer. A key may stand in each of 16 cells from its home on.
  ///
  /// Invariant: a key is in at most one live cell. A cell goes through *free -> reserved -> tentative
  /// -> live -> free*, each step one exchange or, where only one thread can take it, one store of the
  /// state.
  ///
  /// - Number and peer are written only while the cell is reserved, by the thread that reserved it.
  ///   Who reads them loads the state before and after, and takes them only if it is the same.
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
    private let base: UnsafeMutableRawPointer
    private let mask: Int
    private let limits: Limits
    private let seed: UInt64
    private let multiplier: UInt64

    fileprivate static let cellsPerKey = 4
    /// How far from home a key may stand.
    private static let reach = 16
    /// How many cells each insertion looks at for owners that are none any more.
    private static let sweepLength = 32
    private static let attempts = 4
    /// A live cell's time is set anew when it is older than this, about a second.
    private static let grain: UInt64 = 1 << 10

    // The layout, in octets: where sweeping goes on, keys of all and of each host, cells.
    private static let cursorOffset = 0
    private static let countsOffset = 128
    private static let cellsOffset = countsOffset + 65_536 * 4
    private static let cellSize = 32
    private static let numberOffset = 8
    private static let peerOffset = 16

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

  /// Makes the host the owner of the key, unless another is.
  ///
  /// Returns the owner, or 0 if there is no room for more.
  func claim(
    _ key: LearnedKey, for host: UInt16, now: UInt64, _ owns: (LearnedOwner) -> Bool
  ) -> UInt16 {
    for _ in 0..<Self.attempts {
      if let owner = renew(key, for: host, now: now, owns) { return owner }
      switch insert(key, for: host, now, owns) {
      case .owned(let owner): return owner
      case .noRoom: return 0
      case .undecided: continue
      }
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

  private func owner(_ contents: Contents, _ now: UInt64) -> LearnedOwner {
    LearnedOwner(
      host: contents.state.host, peer: contents.key.peer,
      isIdle: contents.state.age(now) > LearnedState.time(limits.idle))
  }
}

// MARK: - Insertion

extension LearnedTable.View {
  private enum Insertion {
    case owned(by: UInt16)
    case noRoom
    /// Another thread was in the way.
    case undecided
  }

  private func insert(
    _ key: LearnedKey, for host: UInt16, _ now: UInt64, _ owns: (LearnedOwner) -> Bool
  ) -> Insertion {
    sweep(now, owns)
    guard charge(host) else { return .noRoom }
    guard let (cell, reserved) = reserve(key, for: host, now, owns) else {
      discharge(host)
      return .noRoom
    }
    let offset = offset(cell)
    unsafe base.setRelaxed64(offset + Self.numberOffset, key.number)
    unsafe base.setRelaxed32(offset + Self.peerOffset, key.peer)
    let tentative = reserved.with(.tentative)
    unsafe base.release64(offset, tentative.rawValue)
    cl_fence()
    if let other = rival(of: cell, key, now, owns) {
      abandon(cell, tentative)
      return .owned(by: other)
    }
    if exchange(cell, tentative, tentative.with(.live)) { return .owned(by: host) }
    abandon(cell, tentative)
    return .undecided
  }

  /// A free cell for the key, or one whose owner is none any more; now this thread's.
  private func reserve(
    _ key: LearnedKey, for host: UInt16, _ now: UInt64, _ owns: (LearnedOwner) -> Bool
  ) -> (cell: Int, state: LearnedState)? {
    for step in 0..<Self.reach {
      let cell = cell(key, step)
      var old = state(of: cell)
      if let found = contents(of: cell) {
        guard found.state.isLive, !owns(owner(found, now)) else { continue }
        old = found.state
      }
      guard old.phase == .free || old.phase == .live else { continue }
      let new = old.reserved(for: host, now)
      guard exchange(cell, old, new) else { continue }
      if old.phase == .live { discharge(old.host) }
      // What is written next must not be seen by who still sees the state before.
      cl_fence()
      return (cell, new)
    }
    return nil
  }

  /// The host that goes before the one with the tentative cell, or nil.
  private func rival(
    of own: Int, _ key: LearnedKey, _ now: UInt64, _ owns: (LearnedOwner) -> Bool
  ) -> UInt16? {
    for step in 0..<Self.reach {
      let cell = cell(key, step)
      guard cell != own else { continue }
      while let found = contents(of: cell), found.key == key {
        if found.state.isLive {
          if owns(owner(found, now)) { return found.state.host }
          if release(cell, found.state) { break }
        } else if cell < own {
          return found.state.host
        } else if exchange(cell, found.state, found.state.with(.reserved)) {
          break
        }
      }
    }
    return nil
  }

  /// Gives a cell back that this thread reserved, whether or not another took it out of the race.
  private func abandon(_ cell: Int, _ state: LearnedState) {
    unsafe base.release64(offset(cell), state.with(.free).rawValue)
    discharge(state.host)
  }

  /// Takes a live cell back, if it is as it was seen.
  private func release(_ cell: Int, _ state: LearnedState) -> Bool {
    guard exchange(cell, state, state.with(.free)) else { return false }
    discharge(state.host)
    return true
  }

  /// Takes a few cells back whose owners are none any more, wherever they are.
  ///
  /// So that a host at its limit gets rid of what it does not use, at a small price for each attempt.
  private func sweep(_ now: UInt64, _ owns: (LearnedOwner) -> Bool) {
    let start = unsafe Int(base.fetchAdd32(Self.cursorOffset, UInt32(Self.sweepLength)))
    for step in 0..<Self.sweepLength {
      let cell = (start &+ step) & mask
      guard let found = contents(of: cell), found.state.isLive, !owns(owner(found, now)) else {
        continue
      }
      _ = release(cell, found.state)
    }
  }
}

// MARK: - Counts

extension LearnedTable.View {
  /// Counts one key more for the host and for all, if there may be one.
  private func charge(_ host: UInt16) -> Bool {
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

  private func discharge(_ host: UInt16) {
    discharge(Self.countsOffset + Int(host) * 4)
    discharge(Self.countsOffset)
  }

  // Adding the greatest number takes one off.
  private func discharge(_ offset: Int) { _ = unsafe base.fetchAdd32(offset, .max) }
}

// MARK: - Cells

extension LearnedTable.View {
  private struct Contents {
    let state: LearnedState
    let key: LearnedKey
  }

  /// What a tentative or live cell holds; nil for others.
  private func contents(of cell: Int) -> Contents? {
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

  private func state(of cell: Int) -> LearnedState {
    unsafe LearnedState(rawValue: base.acquire64(offset(cell)))
  }

  private func exchange(_ cell: Int, _ old: LearnedState, _ new: LearnedState) -> Bool {
    unsafe base.exchange64(offset(cell), old.rawValue, new.rawValue)
  }

  private func offset(_ cell: Int) -> Int { Self.cellsOffset &+ cell &* Self.cellSize }

  /// The cell `step` after the key's home.
  ///
  /// The hash is secret like the forwarding table's: nobody can aim at cells.
  private func cell(_ key: LearnedKey, _ step: Int) -> Int {
    let first = (key.number ^ seed).multipliedFullWidth(by: multiplier)
    let word = first.high ^ first.low ^ UInt64(key.peer) << 16
    let second = word.multipliedFullWidth(by: multiplier)
    return (Int(truncatingIfNeeded: second.high ^ second.low) &+ step) & mask
  }
}
