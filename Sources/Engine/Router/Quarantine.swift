/// Units of a lease that were given back and may for a while go to nobody but the host that had
/// them: a late packet must not reach a stranger.
struct Quarantine<Unit: Hashable & Sendable>: Sendable {
  /// The inner nil stands for a host that the router knows no longer.
  private var lastHolders: [Unit: HostIndex?] = [:]
  private var ends: [Unit: UInt64] = [:]
  private var deadlines = DeadlineQueue<Unit>()
  /// Units whose quarantine has begun, moved or ended.
  var touched = TouchList<Unit>()

  /// The number of units kept back.
  var count: Int { lastHolders.count }

  /// The soonest end of a quarantine (monotonic nanoseconds).
  var nextDeadline: UInt64? { deadlines.next }

  /// Who alone may have the unit, or nil if there is no quarantine on it.
  func lastHolder(of unit: Unit) -> HostIndex? { lastHolders[unit] ?? nil }

  /// The quarantine on a unit, as the store keeps it.
  subscript(unit: Unit) -> StoredQuarantine? {
    ends[unit].map { StoredQuarantine(lastHolder: lastHolder(of: unit), until: $0) }
  }

  /// Whether a quarantine keeps the unit from the host.
  func forbids(_ unit: Unit, for host: HostIndex) -> Bool {
    lastHolders[unit].map { $0 != host } ?? false
  }

  /// Keeps the unit back until a monotonic moment.
  mutating func begin(_ unit: Unit, lastHolder: HostIndex, until deadline: UInt64) {
    set(unit, lastHolder: lastHolder, until: deadline)
    touched.add(unit)
  }

  /// Takes a quarantine back from the store.
  mutating func restore(_ stored: StoredQuarantine, on unit: Unit) {
    set(unit, lastHolder: stored.lastHolder, until: stored.until)
  }

  /// Ends the quarantine, because the last holder has the unit again.
  mutating func end(_ unit: Unit) {
    guard ends[unit] != nil else { return }
    deadlines.remove(unit)
    forget(unit)
  }

  /// A unit whose quarantine is over and is to be ended, or nil.
  func nextDue(at moment: UInt64) -> Unit? { deadlines.nextDue(at: moment) }

  /// Ends every quarantine whose time has come.
  mutating func expire(at moment: UInt64) {
    while let unit = deadlines.takeDue(at: moment) { forget(unit) }
  }

  private mutating func set(_ unit: Unit, lastHolder: HostIndex?, until deadline: UInt64) {
    lastHolders.updateValue(lastHolder, forKey: unit)
    ends[unit] = deadline
    deadlines.set(unit, to: deadline)
  }

  private mutating func forget(_ unit: Unit) {
    lastHolders.removeValue(forKey: unit)
    ends.removeValue(forKey: unit)
    touched.add(unit)
  }
}
