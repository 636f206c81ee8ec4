internal import Net

/// The right to bring one lab up or down, which one process has at a time.
final class LabLock {
  private var file: PIDFile?

  /// Takes the lock, and waits for it at most `seconds`.
  init(_ name: LabName, atMost seconds: Double) throws {
    let deadline = MonotonicClock.now() + UInt64(seconds * 1e9)
    while true {
      do throws(SystemError) {
        file = try PIDFile(name.lockFile)
        return
      } catch  where error.code == SystemError.Code.wouldBlock {}
      guard MonotonicClock.now() < deadline else {
        throw LabError.busy(name, processID: PIDFile.holder(of: name.lockFile))
      }
      _ = try Readiness.wait(on: [], atMost: 0.05)
    }
  }

  /// The folder of all labs goes with the last one, if a lab has made it.
  deinit {
    file = nil
    if let status = try? File.status(LabName.root), status.userID == 0, status.mode == 0o750 {
      _ = try? LabCommand.run(["rmdir", "--ignore-fail-on-non-empty", LabName.root])
    }
  }
}
