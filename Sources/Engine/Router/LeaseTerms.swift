/// When the leases of one kind end: one for each host, or for each SPI that was claimed.
///
/// A suspended host cannot renew, so its time stands still and goes on when it is resumed.
struct LeaseTerms<Lease: Hashable & Sendable>: Sendable {
  private var ends: [Lease: UInt64] = [:]
  private var deadlines = DeadlineQueue<Lease>()

  /// The soonest end (monotonic nanoseconds).
  var nextDeadline: UInt64? { deadlines.next }

  /// When the lease ends (monotonic nanoseconds), or nil if there is none.
  ///
  /// While the host is suspended, when it would have ended.
  func end(of lease: Lease) -> UInt64? { ends[lease] }

  /// Begins or renews a lease.
  mutating func set(_ lease: Lease, until end: UInt64) {
    ends[lease] = end
    deadlines.set(lease, to: end)
  }

  /// Forgets a lease.
  mutating func remove(_ lease: Lease) {
    ends[lease] = nil
    deadlines.remove(lease)
  }

  /// Stops a lease's time.
  ///
  /// Nothing but `resume` and `remove` may come next for this lease.
  mutating func pause(_ lease: Lease) {
    deadlines.remove(lease)
  }

  /// Lets a lease's time go on that stood still for so many nanoseconds.
  mutating func resume(_ lease: Lease, after pause: UInt64) {
    guard let end = ends[lease] else { return }
    let (later, overflow) = end.addingReportingOverflow(pause)
    set(lease, until: overflow ? .max : later)
  }

  /// A lease that has ended, or nil.
  ///
  /// It is forgotten.
  mutating func takeExpired(at moment: UInt64) -> Lease? {
    guard let lease = deadlines.takeDue(at: moment) else { return nil }
    ends[lease] = nil
    return lease
  }
}
