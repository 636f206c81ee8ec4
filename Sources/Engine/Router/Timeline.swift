/// The time line that the router's deadlines are on: the kernel's monotonic clock, carried on over
/// restarts and reboots.
///
/// The wall clock has no part in it, so setting that by a second or by ten years ends nothing early
/// or late. While the machine is up the line goes on, engine or no engine. How long a machine was
/// off nobody can tell for sure, so that time does not count: after a reboot the line goes on from
/// the last moment that was stored. A deadline may then come late, never early.
package struct Timeline: Hashable, Sendable {
  /// Names one run of the kernel.
  package let boot: String
  /// What is added to the monotonic clock, modulo 2^64.
  package let offset: UInt64
  /// The latest moment of the line that is known to have been reached.
  package let reached: UInt64

  /// Makes a line from what was stored.
  package init(boot: String, offset: UInt64, reached: UInt64) {
    self.boot = boot
    self.offset = offset
    self.reached = reached
  }

  /// Goes on with a line that was stored, or begins one.
  ///
  /// A monotonic clock that has gone back is another one, whatever the boot is called.
  package init(resuming stored: Timeline?, boot: String, monotonic: UInt64) {
    self.boot = boot
    guard let stored else {
      offset = 0
      reached = monotonic
      return
    }
    let moment = monotonic &+ stored.offset
    let goesOn = stored.boot == boot && moment >= stored.reached
    offset = goesOn ? stored.offset : stored.reached &- monotonic
    reached = goesOn ? moment : stored.reached
  }

  /// A moment of the monotonic clock on this line.
  package func moment(at monotonic: UInt64) -> UInt64 { monotonic &+ offset }
}
