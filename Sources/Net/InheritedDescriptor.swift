internal import CLinux
internal import Glibc

/// An open file that the service manager has passed on to this process (sd_listen_fds(3)).
///
/// Closed when the value goes away.
package final class InheritedDescriptor: Sendable {
  /// What the manager calls it.
  package let name: String
  let descriptor: FileDescriptor

  private init(name: String, rawValue: Int32) {
    self.name = name
    descriptor = FileDescriptor(owning: rawValue)
    // Programs started from here have no business with it.
    _ = cl_fcntl(rawValue, F_SETFD, FD_CLOEXEC)
  }

  /// The first of them has this number (`SD_LISTEN_FDS_START`).
  private static let first: Int32 = 3
  /// More are not believed; a manager stores some tens at most.
  private static let most: Int32 = 1_024

  /// Takes over all that were passed on.
  ///
  /// They are given once: a second call returns nothing, nor does one in a program that has only
  /// inherited the environment.
  package static func takeAll() -> [InheritedDescriptor] {
    let count = ThisProcess.environment("LISTEN_FDS").flatMap { Int32($0) } ?? 0
    let isMeant = ThisProcess.environment("LISTEN_PID") == "\(ThisProcess.processID)"
    let names = ThisProcess.environment("LISTEN_FDNAMES")?.split(
      separator: ":", omittingEmptySubsequences: false)
    for variable in ["LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"] { _ = unsafe unsetenv(variable) }
    guard isMeant, (1...most).contains(count) else { return [] }
    return (0..<count).filter { cl_fcntl(first + $0, F_GETFD, 0) >= 0 }.map { index in
      let name = names?.dropFirst(Int(index)).first
      return InheritedDescriptor(name: name.map(String.init) ?? "unknown", rawValue: first + index)
    }
  }
}
