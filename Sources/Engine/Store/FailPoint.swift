internal import Net
internal import Synchronization

/// A place at which tests let the engine die, to see what a restart finds.
///
/// The environment names one in builds for tests: `DNAT_FAIL_POINT=before-commit:3` kills the process
/// the third time that it comes there. Release builds know nothing of it.
enum FailPoint: String {
  /// The first transaction of a start is about to be committed.
  case duringLoad = "during-load"
  /// A transaction is written and about to be committed.
  case beforeCommit = "before-commit"
  /// It is durable, and the forwarding table does not know.
  case afterCommit = "after-commit"
  /// The forwarding table knows, and nobody was answered.
  case beforeAnswer = "before-answer"
  /// Everybody was answered.
  case afterAnswer = "after-answer"

  #if DEBUG
    /// Dies here if the environment says so.
    static func pass(_ point: FailPoint) {
      guard let wanted, wanted.name == point.rawValue else { return }
      let count = passes.withLock {
        $0 += 1
        return $0
      }
      if count == wanted.count { ThisProcess.killSelf() }
    }

    private static let passes = Mutex(0)
    private static let wanted: (name: String, count: Int)? = {
      let parts = ThisProcess.environment("DNAT_FAIL_POINT")?.split(separator: ":") ?? []
      guard parts.count == 2, let count = Int(parts[1]) else { return nil }
      return (String(parts[0]), count)
    }()
  #else
    /// Does nothing.
    @inline(__always)
    static func pass(_: FailPoint) {}
  #endif
}
