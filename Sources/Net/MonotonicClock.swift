internal import CLinux
internal import Glibc

/// The kernel's clocks, in nanoseconds.
package enum MonotonicClock {
  /// Nanoseconds since some moment before the system's start (`CLOCK_MONOTONIC`).
  ///
  /// Never goes back.
  package static func now() -> UInt64 {
    read(CLOCK_MONOTONIC)
  }

  /// Nanoseconds since 1970 (`CLOCK_REALTIME`).
  ///
  /// For people's eyes only: it may jump.
  package static func wallClock() -> UInt64 {
    read(CLOCK_REALTIME)
  }

  /// Whole seconds since 1970; as `wallClock`.
  package static func wallClockSeconds() -> Int64 {
    Int64(wallClock() / 1_000_000_000)
  }

  /// The moment `seconds` from now, as `now()` counts.
  ///
  /// Negative is now; 8e9 s is the most.
  static func deadline(after seconds: Double) -> UInt64 {
    now() &+ nanoseconds(seconds)
  }

  /// A span of time as nanoseconds, clamped so that sums with `now()` cannot overflow.
  static func nanoseconds(_ seconds: Double) -> UInt64 {
    // 8e18 ns is under half of what UInt64 holds, and the clock is far below the other half.
    guard seconds > 0 else { return 0 }
    return UInt64(min(seconds, 8e9) * 1e9)
  }

  /// The time left until `deadline` as `poll` and `epoll_wait` take it, rounded up; -1 is for ever.
  static func milliseconds(until deadline: UInt64?) -> Int32 {
    guard let deadline else { return -1 }
    let current = now()
    guard deadline > current else { return 0 }
    return Int32(clamping: (deadline - current + 999_999) / 1_000_000)
  }

  private static func read(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    // Cannot fail: both clocks always exist and the pointer is good.
    _ = unsafe clock_gettime(clock, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
  }
}
