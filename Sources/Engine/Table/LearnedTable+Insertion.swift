internal import CLinux

// How a key gets an owner: in steps, between which anything may happen on other threads.
extension LearnedTable.View {
  /// A tentative cell of this thread.
  struct Announcement {
    let key: LearnedKey
    let cell: Int
    let state: LearnedState
  }

  /// How many cells each insertion looks at for owners that are none any more.
  private static let sweepLength = 32
  /// The same when there is no room: of a host's full share some are found, almost certainly.
  private static let longSweepLength = 256
  private static let attempts = 4

  /// Makes the host the owner of the key, unless another is.
  ///
  /// Returns the owner, or 0 if there is no room for more.
  func claim(
    _ key: LearnedKey, for host: UInt16, now: UInt64, _ owns: (LearnedOwner) -> Bool
  ) -> UInt16 {
    for _ in 0..<Self.attempts {
      if let owner = renew(key, for: host, now: now, owns) { return owner }
      guard let own = announce(key, for: host, now: now, owns) else { return 0 }
      if let owner = rival(of: own, now: now, owns) {
        withdraw(own)
        return owner
      }
      if confirm(own) { return host }
      // Another thread was in the way: it may have become the owner.
      withdraw(own)
    }
    return 0
  }

  /// Makes a cell tentative for the key, or nil if there is no room.
  func announce(
    _ key: LearnedKey, for host: UInt16, now: UInt64, _ owns: (LearnedOwner) -> Bool
  ) -> Announcement? {
    sweep(Self.sweepLength, now, owns)
    if !charge(host) {
      sweep(Self.longSweepLength, now, owns)
      guard charge(host) else { return nil }
    }
    guard let (cell, reserved) = reserve(key, for: host, now, owns) else {
      discharge(host)
      return nil
    }
    let offset = offset(cell)
    unsafe base.setRelaxed64(offset + Self.numberOffset, key.number)
    unsafe base.setRelaxed32(offset + Self.peerOffset, key.peer)
    unsafe base.setRelaxed32(offset + Self.noteOffset, 0)
    unsafe base.setRelaxed64(offset + Self.sinceOffset, now)
    let tentative = reserved.with(.tentative)
    unsafe base.release64(offset, tentative.rawValue)
    cl_fence()
    return Announcement(key: key, cell: cell, state: tentative)
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
  ///
  /// Takes others out of the race that go after it.
  func rival(
    of own: Announcement, now: UInt64, _ owns: (LearnedOwner) -> Bool
  ) -> UInt16? {
    for step in 0..<Self.reach {
      let cell = cell(own.key, step)
      guard cell != own.cell else { continue }
      while let found = contents(of: cell), found.key == own.key {
        if found.state.isLive {
          if owns(owner(found, now)) { return found.state.host }
          if release(cell, found.state) { break }
        } else if cell < own.cell {
          return found.state.host
        } else if exchange(cell, found.state, found.state.with(.reserved)) {
          break
        }
      }
    }
    return nil
  }

  /// Makes the tentative cell live, unless another thread took it out of the race.
  func confirm(_ own: Announcement) -> Bool {
    exchange(own.cell, own.state, own.state.with(.live))
  }

  /// Gives the cell back that is not live, whether or not another took it out of the race.
  func withdraw(_ own: Announcement) {
    unsafe base.release64(offset(own.cell), own.state.with(.free).rawValue)
    discharge(own.state.host)
  }

  /// Takes a few cells back whose owners are none any more, wherever they are.
  ///
  /// So that a host at its limit gets rid of what it does not use, at a small price for each attempt.
  private func sweep(_ length: Int, _ now: UInt64, _ owns: (LearnedOwner) -> Bool) {
    let start = unsafe Int(base.fetchAdd32(Self.cursorOffset, UInt32(length)))
    for step in 0..<length {
      let cell = (start &+ step) & mask
      guard let found = contents(of: cell), found.state.isLive, !owns(owner(found, now)) else {
        continue
      }
      _ = release(cell, found.state)
    }
  }
}
