internal import Logging
internal import Net
internal import PAP

/// Follows the kernel's security associations, whoever makes them.
final class XFRMWatcher: AssociationWatcher {
  /// Seconds between two lists that make up for what events do not tell.
  private static let reconcileInterval = 30.0
  /// Seconds after which a list that failed is asked for again.
  private static let retryInterval = 1.0

  private let socket: XFRMSocket
  private let reactor: Reactor
  private let logger: Logger
  private let onChange: (Observation) -> Void
  private let onLoss: () -> Void
  private var set = KernelSASet()
  private var told = Observation()
  private var warned: Set<KernelSA.ID> = []
  private var retry: TimerID?

  /// What is leased; the shared address tells inbound associations from others.
  var leases = Leases() {
    didSet { if leases != oldValue { changed() } }
  }
  /// Whether the last list was whole.
  private(set) var isConnected = false

  /// Opens the socket: events count from now on.
  ///
  /// - Parameters:
  ///   - reactor: what to wait on.
  ///   - logger: is told what people should know.
  ///   - onChange: is told what the router should hold.
  ///   - onLoss: is told that events were lost, after the list that makes up for them.
  /// - Throws: `EPROTONOSUPPORT` if the kernel has no XFRM interface.
  init(
    reactor: Reactor, logger: Logger, onChange: @escaping (Observation) -> Void,
    onLoss: @escaping () -> Void
  ) throws(SystemError) {
    socket = try XFRMSocket()
    self.reactor = reactor
    self.logger = logger
    self.onChange = onChange
    self.onLoss = onLoss
  }

  func start() throws {
    try reactor.watch(socket.rawValue, read: true, write: false) { [weak self] _ in
      self?.receive()
    }
    reactor.every(Self.reconcileInterval) { [weak self] in self?.list() }
    list()
  }

  func stop() {
    reactor.unwatch(socket.rawValue)
    isConnected = false
  }

  /// Keys that somebody put into the kernel are not ours to remove.
  func withdraw(_ withdrawal: Withdrawal) {
    guard let local = leases.externalAddress else { return }
    for (key, entry) in set.entries(at: local) where key.spiIn != nil {
      let isMeant = withdrawal.entries.contains {
        EntryKey($0) == key || EntryKey($0) == EntryKey(key.address, key.ipsecProtocol, nil)
      }
      guard isMeant else { continue }
      logger.error(
        "the association \(entry.text) rests on what was withdrawn: end it where it was made")
    }
  }

  private func receive() {
    do throws(SystemError) {
      var isLost = false
      while let events = try socket.receive() {
        for event in events { set.apply(event) }
        isLost = isLost || events.contains(.lost)
      }
      if isLost {
        logger.warning("events of security associations were lost: listing them")
        list()
        onLoss()
      }
    } catch {
      logger.error("\(error)")
    }
    changed()
  }

  /// Asks for everything.
  ///
  /// Events that wait at the socket are older or newer than the list; applied on top of it they end
  /// in what is there.
  private func list() {
    do throws(SystemError) {
      set.replace(by: try XFRMSocket.dump())
      isConnected = true
    } catch {
      isConnected = false
      logger.error("\(error)")
      if let retry { reactor.cancel(retry) }
      retry = reactor.after(Self.retryInterval) { [weak self] in self?.list() }
    }
    changed()
  }

  private func changed() {
    guard let local = leases.externalAddress else { return }
    warn(about: set.fromAnybody(at: local))
    let now = Observation(
      entries: set.entries(at: local), isWhole: told.isWhole || isConnected)
    guard now != told else { return }
    told = now
    onChange(now)
  }

  private func warn(about associations: [KernelSA.ID]) {
    for id in associations where !warned.contains(id) {
      logger.warning(
        "\(id.ipsecProtocol.name) \(id.spi) has no peer's address: validate its peers by hand")
    }
    warned = Set(associations)
  }
}
