internal import CLinux
internal import Glibc
internal import Synchronization

/// A running thread of our own, outside the pool that Swift's concurrency uses.
///
/// The thread goes on if this value is dropped.
package final class ThreadHandle: Sendable {
  private let thread: Mutex<pthread_t?>

  fileprivate init(_ thread: pthread_t) {
    self.thread = Mutex(thread)
  }

  deinit {
    thread.withLock { if let thread = $0 { _ = pthread_detach(thread) } }
  }

  /// Waits until the thread's body has returned.
  ///
  /// Further calls return at once.
  package func join() {
    let running = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    if let running { _ = pthread_join(running, nil) }
  }
}

/// What a thread is started with.
private final class ThreadBody: Sendable {
  let name: String
  let body: @Sendable () -> Void

  init(name: String, body: @Sendable @escaping () -> Void) {
    self.name = name
    self.body = body
  }

  func run() {
    // The kernel's limit is 15 octets; it refuses longer names rather than cutting them.
    let shortName = String(decoding: name.utf8.prefix(15), as: UTF8.self)
    _ = unsafe pthread_setname_np(pthread_self(), shortName)
    body()
  }
}

/// Starts a thread.
///
/// - Parameters:
///   - name: what `ps -L` shows; cut to 15 octets.
///   - cpu: the only processor it may run on, from 0; nil is any.
///   - body: what the thread does; it ends when this returns.
/// - Returns: the running thread.
/// - Throws: `EINVAL` if there is no such processor, `EAGAIN` if there are too many threads.
package func startThread(
  name: String, cpu: Int? = nil, _ body: @Sendable @escaping () -> Void
) throws(SystemError) -> ThreadHandle {
  let operation = cpu.map { "start on processor \($0) thread" } ?? "start thread"
  var attributes = pthread_attr_t()
  try checkNumber(operation, name, unsafe pthread_attr_init(&attributes))
  defer { unsafe pthread_attr_destroy(&attributes) }
  if let cpu {
    try checkNumber(
      operation, name,
      unsafe cl_thread_attributes_set_processor(&attributes, Int32(clamping: cpu)))
  }
  let argument = unsafe Unmanaged.passRetained(ThreadBody(name: name, body: body))
  var thread = pthread_t()
  let code = unsafe pthread_create(&thread, &attributes, runThread, argument.toOpaque())
  if code != 0 { unsafe argument.release() }
  try checkNumber(operation, name, code)
  return ThreadHandle(thread)
}

/// The first function of each thread.
///
/// Takes over the reference that `startThread` made.
private func runThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument = unsafe argument else { return nil }
  unsafe Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
  return nil
}
