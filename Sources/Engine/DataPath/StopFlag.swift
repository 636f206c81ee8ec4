internal import CLinux
internal import Glibc
internal import Net
internal import Synchronization

/// Tells workers to end, whether they are busy or asleep.
final class StopFlag: Sendable {
  private let flag = Atomic<Bool>(false)
  private let event: FileDescriptor

  init() throws(SystemError) {
    let descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
    guard descriptor >= 0 else {
      throw SystemError(operation: "make", object: "event descriptor", code: errno)
    }
    event = FileDescriptor(owning: descriptor)
  }

  /// Becomes readable when the flag is set, and stays so.
  var rawValue: Int32 { event.rawValue }

  var isSet: Bool { flag.load(ordering: .relaxed) }

  func set() {
    flag.store(true, ordering: .relaxed)
    // Cannot fail: the counter is far from full.
    _ = eventfd_write(event.rawValue, 1)
  }
}
