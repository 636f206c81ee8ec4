package import Daemon
internal import Net

/// The service manager's part in the engine's life: it hears how the engine is, and keeps the TUN
/// device's queues over a restart, so that packets wait for the next engine and none is lost.
package struct Supervision {
  /// What the queues are called while the manager keeps them.
  private static let queueName = "tun-queue"

  package let manager: ServiceManager
  private let inherited: [InheritedDescriptor]

  /// The manager that started this process, if one did.
  ///
  /// Takes over what the manager kept, so it is made once.
  package init?() {
    guard let manager = ServiceManager() else { return nil }
    self.manager = manager
    inherited = InheritedDescriptor.takeAll()
  }

  /// The queues of a device that an engine before this one has left with the manager.
  func keptQueues(of device: String) -> [TUNQueue] {
    let kept = inherited.filter { $0.name == Self.queueName }
    let queues = kept.compactMap { TUN.adopt($0, of: device) }
    // Queues of another device would swallow its packets for ever.
    if queues.isEmpty, !kept.isEmpty { manager.discard(name: Self.queueName) }
    return queues
  }

  /// Leaves queues with the manager.
  func keep(_ queues: [TUNQueue]) throws(SystemError) {
    let most = UnixDatagramSocket.mostDescriptors
    for start in stride(from: 0, to: queues.count, by: most) {
      let some = queues[start..<min(start + most, queues.count)]
      try manager.store(some.map(\.rawValue), name: Self.queueName)
    }
  }
}
