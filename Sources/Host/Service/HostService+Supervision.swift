internal import Configuration
internal import Daemon
internal import Net

// The service manager that started the agent hears how it is (sd_notify(3)).
extension HostService {
  /// Seconds after which the agent counts as started even if the router has not answered: whoever
  /// waits for it, such as the IKE daemon, is not to wait for ever.
  private static let readyTime = 10.0

  /// Begins to tell the manager.
  func superviseStart() {
    guard let manager else { return }
    manager.tell(.status("waiting for the router at \(configuration.router)"))
    if let interval = manager.watchdogInterval {
      reactor.every(interval / 3) { manager.tell(.watchdog) }
    }
    reactor.after(Self.readyTime) { [weak self] in self?.tellReady() }
  }

  /// Once there is a lease, its settings are written, and the IKE daemon may start.
  func superviseLeases(_ leases: Leases) {
    guard let slot = leases.slot else {
      manager?.tell(.status("no SPI lease from the router at \(configuration.router)"))
      return
    }
    tellReady()
    manager?.tell(.status("slot \(slot) from the router at \(configuration.router)"))
  }

  private func tellReady() {
    guard !isReady else { return }
    isReady = true
    manager?.tell(.ready)
  }
}
