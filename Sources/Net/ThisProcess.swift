internal import CLinux
internal import Glibc

/// What a daemon must know about itself, and tell the kernel.
package enum ThisProcess {
  /// The process number.
  package static var processID: Int32 { getpid() }
  /// The process number of the parent; 1 or a supervisor's after that has died.
  package static var parentID: Int32 { getppid() }
  /// The effective user.
  package static var userID: UInt32 { geteuid() }
  /// The effective group.
  package static var groupID: UInt32 { getegid() }

  /// How many processors are at work, at least 1.
  package static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// Gives this thread, and so the process if it is the first, the name that `ps` and `top` show.
  package static func setName(_ name: String) {
    // The kernel's limit is 15 octets and an end.
    _ = unsafe pthread_setname_np(
      pthread_self(), String(decoding: name.utf8.prefix(15), as: UTF8.self))
  }

  /// A path that starts this program again, even if its file has been replaced.
  package static let executablePath = "/proc/self/exe"

  /// The folder that this program's file is in; nil if the kernel does not say.
  package static var programFolder: String? {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let room = path.count
    let length = unsafe readlink(executablePath, &path, room)
    guard length > 0, let slash = path[..<length].lastIndex(of: CChar(UInt8(ascii: "/"))) else {
      return nil
    }
    return String(decoding: path[..<slash].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  #if DEBUG
    /// Ends the process as `kill -9` does: nothing is flushed, closed or removed.
    package static func killSelf() {
      kill(getpid(), SIGKILL)
    }
  #endif

  /// The value of an environment variable.
  package static func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }

  /// The whole environment.
  package static func environment() -> [String: String] {
    var result: [String: String] = [:]
    var entry: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = unsafe environ
    while let text = unsafe entry.pointee {
      let parts = unsafe String(cString: text).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
      unsafe entry += 1
    }
    return result
  }

  /// Has the kernel send `signal` to this process when the thread that started it ends.
  ///
  /// A parent that has ended before is not noticed: compare `parentID` with what the parent said.
  package static func dieWithParent(_ signal: Signal = .kill) throws(SystemError) {
    try systemCall("follow", "parent process") { cl_set_parent_death_signal(signal.rawValue) }
  }

  /// Stops this process and all of its job, as Ctrl-Z does by default, until the shell continues it.
  ///
  /// Returns at once where there is no shell to do so: the kernel stops no orphaned process group.
  /// SIGTSTP is ignored again afterwards.
  package static func suspendJob() {
    _ = signal(SIGTSTP, SIG_DFL)
    _ = kill(0, SIGTSTP)
    _ = signal(SIGTSTP, SIG_IGN)
  }

  /// Has a descriptor lead to a file, which is made or emptied; writing appends to it.
  package static func redirect(_ descriptor: Int32, to path: String) throws(SystemError) {
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW
    let file = try FileDescriptor.open(path, flags, mode: 0o640)
    let raw = file.rawValue
    try systemCall("redirect to", path) { dup2(raw, descriptor) }
  }

  /// Whether a descriptor is a terminal.
  package static func isTerminal(_ descriptor: Int32) -> Bool {
    isatty(descriptor) == 1
  }

  /// This machine's name.
  package static var hostName: String {
    (try? File.readText("/proc/sys/kernel/hostname"))?
      .split(separator: "\n").first.map(String.init) ?? ""
  }
}
