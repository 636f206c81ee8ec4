// Times for people.

extension EngineCore {
  /// A moment of the kernel's monotonic clock in nanoseconds since 1970, as the wall clock is set now.
  func wallClock(atKernel moment: UInt64) -> UInt64 { wallClock(at: routerMoment(at: moment)) }

  /// When something happened, in nanoseconds since 1970.
  ///
  /// Since this engine began, the wall clock as it is set now tells: it may have been set in between,
  /// as on a machine whose clock is right only once it has reached a time server. Of what was before,
  /// only what was written down then is known.
  func wallClock(of instant: Instant) -> UInt64 {
    instant.monotonic >= beginning ? wallClock(at: instant.monotonic) : instant.wallClock
  }
}
