internal import CLinux
internal import Glibc

/// An event loop of one thread: descriptors (epoll, level-triggered), timers and work from other
/// threads.
///
/// Handlers may watch, change and unwatch any descriptor, their own included, and close it after
/// `unwatch`: an event that the kernel reported before is then not delivered. A handler must not
/// block. Nothing here is Sendable: use `submitter` or a mailbox from other threads.
package final class Reactor {
  private struct Watch {
    let generation: UInt32
    let handler: (Readiness) -> Void
  }

  /// How many events are fetched at once: bounds what one round can delay timers by.
  private static let eventsAtOnce = 64

  private let epoll: FileDescriptor
  private var watches: [Int32: Watch] = [:]
  /// Tells a descriptor's watch from an earlier one of the same number.
  private var generation: UInt32 = 0
  private var timers = TimerHeap()
  private var mailboxes: [UInt64: (any Sendable) -> Void] = [:]
  private var mailboxesMade: UInt64 = 0
  private var isStopping = false

  /// Hands in work from other threads.
  package let submitter: Submitter

  /// Makes a loop that watches nothing.
  package init() throws(SystemError) {
    epoll = FileDescriptor(
      owning: try systemCall("make", "epoll instance") { epoll_create1(Int32(O_CLOEXEC)) })
    submitter = try Submitter()
    try watch(submitter.wakeUp.rawValue, read: true, write: false) { [unowned self] _ in
      self.runSubmitted()
    }
  }

  /// Calls `handler` each time round while `descriptor` is ready.
  ///
  /// The descriptor stays the caller's, who must `unwatch` it before closing it.
  ///
  /// - Throws: `EEXIST` if it is watched already, `EPERM` if it is a plain file.
  package func watch(
    _ descriptor: Int32, read: Bool, write: Bool, _ handler: @escaping (Readiness) -> Void
  ) throws(SystemError) {
    generation &+= 1
    try control(EPOLL_CTL_ADD, descriptor, generation, read: read, write: write)
    watches[descriptor] = Watch(generation: generation, handler: handler)
  }

  /// Changes what a watched descriptor is watched for.
  package func change(_ descriptor: Int32, read: Bool, write: Bool) throws(SystemError) {
    guard let watch = watches[descriptor] else {
      throw SystemError(operation: "change watch of", object: "\(descriptor)", code: ENOENT)
    }
    try control(EPOLL_CTL_MOD, descriptor, watch.generation, read: read, write: write)
  }

  /// Stops watching.
  ///
  /// Does nothing if the descriptor is not watched.
  package func unwatch(_ descriptor: Int32) {
    guard watches.removeValue(forKey: descriptor) != nil else { return }
    // Fails only if the descriptor was closed before, and then the kernel has forgotten it.
    _ = epoll_ctl(epoll.rawValue, EPOLL_CTL_DEL, descriptor, nil)
  }

  private func control(
    _ operation: Int32, _ descriptor: Int32, _ generation: UInt32, read: Bool, write: Bool
  ) throws(SystemError) {
    var event = unsafe epoll_event()
    unsafe event.events =
      (read ? EPOLLIN.rawValue : 0) | (write ? EPOLLOUT.rawValue : 0)
    unsafe event.data.u64 = UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
    let poller = epoll.rawValue
    try systemCall("watch", "descriptor \(descriptor)") {
      unsafe epoll_ctl(poller, operation, descriptor, &event)
    }
  }
}

extension Reactor {
  /// Calls `body` once, `seconds` from now; at once means in the loop's next round.
  @discardableResult
  package func after(_ seconds: Double, _ body: @escaping () -> Void) -> TimerID {
    timers.add(deadline: MonotonicClock.deadline(after: seconds), interval: nil, body)
  }

  /// Calls `body` every `seconds`, first in `seconds` from now.
  ///
  /// Calls that are missed are skipped.
  ///
  /// - Precondition: `seconds` is more than 0.
  @discardableResult
  package func every(_ seconds: Double, _ body: @escaping () -> Void) -> TimerID {
    precondition(seconds > 0, "a repeating timer needs an interval")
    let interval = max(1, MonotonicClock.nanoseconds(seconds))
    return timers.add(
      deadline: MonotonicClock.now() &+ interval, interval: interval, body)
  }

  /// Forgets a timer.
  ///
  /// Does nothing if it has fired or was cancelled.
  package func cancel(_ timer: TimerID) {
    timers.cancel(timer)
  }

  /// Makes a way to send messages to `handler`, which is called on this reactor's thread.
  package func mailbox<Message: Sendable>(
    _ handler: @escaping (Message) -> Void
  ) -> Mailbox<Message> {
    mailboxesMade += 1
    mailboxes[mailboxesMade] = { message in
      // Only this mailbox sends under this number, so the type is always right.
      if let message = message as? Message { handler(message) }
    }
    return Mailbox(number: mailboxesMade, submitter: submitter)
  }
}

extension Reactor {
  /// Serves events until `stop` is called.
  package func run() {
    isStopping = false
    while !isStopping { turn() }
  }

  /// Has `run` return after the handler that calls this.
  package func stop() {
    isStopping = true
  }

  /// One round: waits for events or the next timer, then calls handlers.
  private func turn() {
    var events = unsafe [epoll_event](
      repeating: unsafe epoll_event(), count: Self.eventsAtOnce)
    let count = unsafe epoll_wait(
      epoll.rawValue, &events, Int32(Self.eventsAtOnce),
      MonotonicClock.milliseconds(until: timers.nextDeadline))
    // The other errors are wrong arguments.
    precondition(count >= 0 || errno == EINTR, "epoll_wait failed")
    for index in 0..<max(0, Int(count)) where !isStopping {
      unsafe deliver(events[index])
    }
    fireTimers()
  }

  private func deliver(_ event: epoll_event) {
    let key = unsafe event.data.u64
    let descriptor = Int32(truncatingIfNeeded: key)
    // Unwatched, or watched anew, by a handler of this round: not for the present watch.
    guard let watch = watches[descriptor],
      watch.generation == UInt32(truncatingIfNeeded: key >> 32)
    else { return }
    watch.handler(Readiness(epollMask: unsafe event.events))
  }

  private func fireTimers() {
    // One reading of the clock: timers made by bodies wait for the next round.
    let now = MonotonicClock.now()
    while !isStopping, let body = timers.takeDue(at: now) { body() }
  }

  private func runSubmitted() {
    for item in submitter.take() {
      switch item {
      case .body(let body): body()
      case .message(let number, let message): mailboxes[number]?(message)
      case .stop: stop()
      }
    }
  }
}

extension Readiness {
  fileprivate init(epollMask mask: UInt32) {
    self = []
    if mask & EPOLLIN.rawValue != 0 { insert(.readable) }
    if mask & EPOLLOUT.rawValue != 0 { insert(.writable) }
    if mask & EPOLLHUP.rawValue != 0 { insert(.hangUp) }
    if mask & EPOLLERR.rawValue != 0 { insert(.failed) }
  }
}
