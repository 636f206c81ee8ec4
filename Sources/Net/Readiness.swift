internal import CLinux
internal import Glibc

/// What a descriptor is ready for.
package struct Readiness: OptionSet, Hashable, Sendable {
  package let rawValue: UInt32

  package init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// There is something to read, or the other side will send no more.
  package static let readable = Readiness(rawValue: 1)
  /// The kernel takes more octets.
  package static let writable = Readiness(rawValue: 2)
  /// The other side has gone.
  ///
  /// Reported whether asked for or not.
  package static let hangUp = Readiness(rawValue: 4)
  /// An error waits to be fetched by reading or writing.
  ///
  /// Reported whether asked for or not.
  package static let failed = Readiness(rawValue: 8)
}

extension Readiness {
  /// Waits until a descriptor is ready (`poll`).
  ///
  /// Waits for ever if `seconds` is nil, and only looks if it is 0.
  ///
  /// - Returns: what it is ready for; empty if the time has passed.
  package static func wait(
    on descriptor: Int32, for wanted: Readiness, atMost seconds: Double?
  ) throws(SystemError) -> Readiness {
    try wait(on: [(descriptor, wanted)], atMost: seconds)[0]
  }

  /// Waits until at least one of several descriptors is ready (`poll`).
  ///
  /// - Returns: what each is ready for, in the order given; all empty if the time has passed.
  package static func wait(
    on descriptors: [(descriptor: Int32, wanted: Readiness)], atMost seconds: Double?
  ) throws(SystemError) -> [Readiness] {
    var requests = descriptors.map {
      pollfd(fd: $0.descriptor, events: Int16(truncatingIfNeeded: $0.wanted.pollMask), revents: 0)
    }
    let deadline = seconds.map(MonotonicClock.deadline(after:))
    // The time left is computed anew after each signal.
    try systemCall("wait for", "descriptors") {
      unsafe poll(&requests, nfds_t(requests.count), MonotonicClock.milliseconds(until: deadline))
    }
    return requests.map { Readiness(pollMask: Int32($0.revents)) }
  }

  private var pollMask: Int32 {
    (contains(.readable) ? POLLIN : 0) | (contains(.writable) ? POLLOUT : 0)
  }

  private init(pollMask mask: Int32) {
    self = []
    if mask & POLLIN != 0 { insert(.readable) }
    if mask & POLLOUT != 0 { insert(.writable) }
    if mask & POLLHUP != 0 { insert(.hangUp) }
    if mask & (POLLERR | POLLNVAL) != 0 { insert(.failed) }
  }
}
