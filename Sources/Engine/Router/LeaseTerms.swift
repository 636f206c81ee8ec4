/// When the leases of one kind end, one for each host.
///
/// A suspended host cannot renew, so its time stands still and goes on when it is resumed.
struct LeaseTerms: Sendable {
  private var ends: [HostIndex: UInt64] = [:]
  private var deadlines = DeadlineQueue<HostIndex>()

  /// The soonest end (monotonic nanoseconds).
  var nextDeadline: UInt64? { deadlines.next }

  /// When the host's lease ends (monotonic nanoseconds), or nil if it has none.
  ///
  /// While the host is suspended, when it would have ended.
  func end(of host: HostIndex) -> UInt64? { ends[host] }

  /// Begins or renews a lease.
  mutating func set(_ host: HostIndex, until end: UInt64) {
    ends[host] = end
    deadlines.set(host, to: end)
  }

  /// Forgets a lease.
  mutating func remove(_ host: HostIndex) {
    ends[host] = nil
    deadlines.remove(host)
  }

  /// Stops a host's time.
  ///
  /// Nothing but `resume` and `remove` may come next for this host.
  mutating func pause(_ host: HostIndex) {
    deadlines.remove(host)
  }

  /// Lets a host's time go on that stood still for so many nanoseconds.
  mutating func resume(_ host: HostIndex, after pause: UInt64) {
    guard let end = ends[host] else { return }
    let (later, overflow) = end.addingReportingOverflow(pause)
    set(host, until: overflow ? .max : later)
  }

  /// A host whose lease has ended, or nil.
  ///
  /// The lease is forgotten.
  mutating func takeExpired(at moment: UInt64) -> HostIndex? {
    guard let host = deadlines.takeDue(at: moment) else { return nil }
    ends[host] = nil
    return host
  }
}
