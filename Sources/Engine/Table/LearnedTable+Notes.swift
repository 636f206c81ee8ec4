// What stands in a learned table beside owners, for people to look at.
extension LearnedTable.View {
  /// A key with its owner, as it was at some moment.
  struct Sighting {
    let owner: LearnedOwner
    /// Bits that `note` has added.
    let note: UInt32
    /// When the key got its owner, and when that was last seen, monotonic nanoseconds.
    let since, lastSeen: UInt64
  }

  /// Adds bits to the note of a key that the host owns.
  func note(_ bits: UInt32, on key: LearnedKey, of host: UInt16) {
    for step in 0..<Self.reach {
      let cell = cell(key, step)
      guard let found = contents(of: cell), found.key == key, found.state.isLive,
        found.state.host == host
      else { continue }
      let place = offset(cell) + Self.noteOffset
      let old = unsafe base.relaxed32(place)
      if old | bits != old { unsafe base.setRelaxed32(place, old | bits) }
      return
    }
  }

  /// Goes through all keys that have an owner.
  ///
  /// Reads the state word of every cell, a megabyte or two: for a thread that has the time.
  func forEach(now: UInt64, _ body: (Sighting) -> Void) {
    guard count > 0 else { return }
    for cell in 0...mask {
      guard let found = contents(of: cell), found.state.isLive else { continue }
      let offset = offset(cell)
      let note = unsafe base.relaxed32(offset + Self.noteOffset)
      let since = unsafe base.relaxed64(offset + Self.sinceOffset)
      guard state(of: cell) == found.state else { continue }
      let age = found.state.age(now) << 20
      body(
        Sighting(
          owner: owner(found, now), note: note, since: since,
          lastSeen: now > age ? now - age : 0))
    }
  }
}
