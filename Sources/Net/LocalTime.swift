internal import CLinux
internal import Glibc

/// The time zone of this machine, or that of the environment's `TZ`.
package enum LocalTime {
  /// How far local time is ahead of UTC, in seconds, at a moment in seconds since 1970.
  package static func offset(at moment: Int64) -> Int64 {
    var seconds = time_t(moment)
    var parts = unsafe tm()
    guard unsafe localtime_r(&seconds, &parts) != nil else { return 0 }
    return unsafe Int64(parts.tm_gmtoff)
  }
}
