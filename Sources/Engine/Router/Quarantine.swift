/// Units of a lease that were given back and may for a while go to nobody but the host that had
/// them: a late packet must not reach a stranger.
struct Quarantine<Unit: Hashable & Sendable>: Sendable {
  private var lastHolders: [Unit: HostIndex] = [:]
  private var deadlines = DeadlineQueue<Unit>()

  /// The number of units kept back.
  var count: Int { lastHolders.count }

  /// The soonest end of a quarantine (monotonic nanoseconds).
  var nextDeadline: UInt64? { deadlines.next }

  /// Who alone may have the unit, or nil if there is no quarantine on it.
  func lastHolder(of unit: Unit) -> HostIndex? { lastHolders[unit] }

  /// Whether a quarantine keeps the unit from the host.
  func forbids(_ unit: Unit, for host: HostIndex) -> Bool {
    lastHolders[unit].map { $0 != host } ?? false
  }

  /// Keeps the unit back until a monotonic moment.
  mutating func begin(_ unit: Unit, lastHolder: HostIndex, until deadline: UInt64) {
    lastHolders[unit] = lastHolder
    deadlines.set(unit, to: deadline)
  }

  /// Ends the quarantine, because the last holder has the unit again.
  mutating func end(_ unit: Unit) {
    lastHolders[unit] = nil
    deadlines.remove(unit)
  }

  /// A unit whose quarantine is over and is to be ended, or nil.
  func nextDue(at moment: UInt64) -> Unit? { deadlines.nextDue(at: moment) }

  /// Ends every quarantine whose time has come.
  mutating func expire(at moment: UInt64) {
    while let unit = deadlines.takeDue(at: moment) { lastHolders[unit] = nil }
  }
}
