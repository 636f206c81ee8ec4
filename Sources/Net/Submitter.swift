internal import CLinux
internal import Glibc
internal import Synchronization

/// Hands work to a reactor from any thread.
///
/// Work is done in the order it was handed in. What is handed in after the reactor has gone is never
/// done.
package final class Submitter: Sendable {
  enum Item: Sendable {
    case body(@Sendable () -> Void)
    case message(mailbox: UInt64, any Sendable)
    case stop
  }

  private let items = Mutex<[Item]>([])
  /// An eventfd that is readable while items wait.
  let wakeUp: FileDescriptor

  init() throws(SystemError) {
    wakeUp = FileDescriptor(
      owning: try systemCall("make", "eventfd") {
        eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
      })
  }

  /// Has `body` called on the reactor's thread.
  package func submit(_ body: @Sendable @escaping () -> Void) {
    put(.body(body))
  }

  /// Has the reactor's `run` return.
  package func stop() {
    put(.stop)
  }

  func put(_ item: Item) {
    let isFirst = items.withLock {
      $0.append(item)
      return $0.count == 1
    }
    // Later items find the eventfd already raised.
    guard isFirst else { return }
    // Fails only when the counter is full, and then it is readable anyway.
    _ = eventfd_write(wakeUp.rawValue, 1)
  }

  func take() -> [Item] {
    var count: eventfd_t = 0
    // Lowered first: an item that comes after the exchange raises it again.
    _ = unsafe eventfd_read(wakeUp.rawValue, &count)
    return items.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
  }
}

/// Sends values of one type to a handler on a reactor's thread, from any thread.
///
/// Unlike a submitted closure, the handler may use what belongs to that thread.
package struct Mailbox<Message: Sendable>: Sendable {
  let number: UInt64
  let submitter: Submitter

  /// Has the handler called with `message` on the reactor's thread.
  package func send(_ message: Message) {
    submitter.put(.message(mailbox: number, message))
  }
}
