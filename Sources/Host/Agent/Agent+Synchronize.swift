internal import Logging
internal import PAP

/// The whole set of entries on its way to the router (pap.md, section 5, `synchronize`).
struct Synchronization: Sendable {
  /// The entries of each message.
  let parts: [[Entry]]
  /// What the router said about the entries of the parts that it has.
  var results: [[ResultCode]] = []

  /// The next part to send; nil once the router has all.
  var next: RequestKind? {
    guard results.count < parts.count else { return nil }
    return .synchronize(
      parts[results.count], index: UInt16(clamping: results.count),
      total: UInt16(clamping: parts.count))
  }
}

// A new session, or a new epoch: the router may hold entries that an earlier run has left, or none.

extension Agent {
  /// The next part of the whole set; nil if nothing is to be synchronized now.
  mutating func nextPart(now: Moment) -> RequestKind? {
    if let next = synchronization?.next { return next }
    guard wantsSynchronization, isDesireWhole, slot.value != nil, now >= nextEntries else {
      return nil
    }
    synchronization = Synchronization(parts: entries.parts(where: isPossible))
    return synchronization?.next
  }

  /// When `nextPart` has something; nil if another event must come first.
  var synchronizationDue: Moment? {
    if synchronization != nil { return .zero }
    return wantsSynchronization && isDesireWhole && slot.value != nil ? nextEntries : nil
  }

  mutating func synchronized(_ part: [Entry], _ message: Message, now: Moment) {
    guard var current = synchronization else { return }
    guard let results = results(for: part, message) else {
      synchronization = nil
      guard message.code == .unsupportedType else {
        return entriesRefused("synchronize", message, now: now)
      }
      // Told entry by entry, at once.
      wantsSynchronization = false
      return log(.info, "this router takes no whole set: what an earlier run left stays there")
    }
    current.results.append(results)
    synchronization = current
    guard current.next == nil else { return }
    // A router may say how many parts it misses still: it has forgotten the first ones.
    guard message.part?.index ?? 0 == 0 else {
      synchronization = nil
      nextEntries = now.advanced(bySeconds: 1)
      return log(.warning, "the router misses a part of the set: it is told again")
    }
    finish(current, message, now: now)
  }

  /// Nothing is replaced before the last part has arrived, so nothing is believed before that.
  private mutating func finish(_ done: Synchronization, _ message: Message, now: Moment) {
    synchronization = nil
    wantsSynchronization = false
    let all = done.parts.flatMap { $0 }
    entries.replaced(by: all)
    for (entry, code) in zip(all, done.results.flatMap { $0 }) {
      settle(entry, code, message, now: now)
    }
    log(.info, "told the router the whole set: \(all.count) entries")
  }
}
