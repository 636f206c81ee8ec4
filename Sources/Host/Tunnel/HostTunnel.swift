internal import Configuration
internal import Logging
internal import Net
internal import PAP

/// The way to the outside: a device with the external address, behind which packets travel in
/// IP-in-IP to the router, and the routes through it.
final class HostTunnel {
  /// What a tunnel is made from.
  struct Parameters: Equatable, Sendable {
    var device: String
    var kind: HostConfiguration.TunnelKind
    var insideAddress: IPv4Address
    var externalAddress: IPv4Address
    /// Where IP-in-IP packets go.
    var endpoint: IPv4Address
    /// The PAP server's address, which must stay reachable past the tunnel.
    var router: IPv4Address
    /// The longest inner packet, octets.
    var mtu: Int
  }

  /// What carries the packets.
  private enum Carrier {
    case kernel
    case user(IPIPTunnel)
  }

  /// The two halves of all addresses.
  ///
  /// Both are longer prefixes than a default route, which so stays as it is, and takes over again
  /// when the device goes, however that happens.
  private static let halves = ["0.0.0.0/1", "128.0.0.0/1"].compactMap { CIDR($0) }

  let parameters: Parameters
  private let carrier: Carrier
  private let journal: UndoJournal

  /// Makes the device, gives it the address, and sets the routes.
  ///
  /// - Parameters:
  ///   - parameters: what to make the tunnel from.
  ///   - journal: where the changes are written down, to be undone.
  ///   - logger: is told how the packets are carried.
  ///   - onFailure: called on another thread if the tunnel breaks later.
  /// - Throws: what the kernel refused; the journal then undoes what was done before.
  init(
    _ parameters: Parameters, journal: UndoJournal, logger: Logger,
    onFailure: @Sendable @escaping (SystemError) -> Void
  ) throws(SystemError) {
    self.parameters = parameters
    self.journal = journal
    try Self.keepRoutes(to: [parameters.endpoint, parameters.router], journal)
    carrier = try Self.makeCarrier(parameters, journal, logger, onFailure)
    try Self.setUp(parameters, journal)
    if case .user(let tunnel) = carrier { try tunnel.start() }
    logger.notice("tunnel \(parameters.device) to \(parameters.endpoint) is up (\(kindName))")
  }

  /// `kernel` or `tun`.
  var kindName: String {
    if case .kernel = carrier { "kernel" } else { "tun" }
  }

  /// Packets and octets; nil where the kernel carries them.
  var counters: IPIPTunnel.Counters? {
    if case .user(let tunnel) = carrier { tunnel.counters } else { nil }
  }

  /// Removes the device and the routes.
  func takeDown() {
    if case .user(let tunnel) = carrier { tunnel.stop() }
    for half in Self.halves {
      try? Netlink.removeRoute(Route(half, device: parameters.device))
    }
    journal.undo { if case .restoreSetting = $0 { false } else { true } }
  }

  /// Where the way to the router leads over a gateway, it gets a route of its own: the routes into
  /// the tunnel would else lead the tunnel into itself.
  private static func keepRoutes(
    to addresses: [IPv4Address], _ journal: UndoJournal
  ) throws(SystemError) {
    for address in addresses {
      let way = try Netlink.lookUpRoute(to: address)
      guard !way.isLocal, let gateway = way.gateway else { continue }
      journal.add(.removeRoute(to: address, gateway: gateway, interface: way.device))
      try Netlink.addRoute(
        Route(CIDR(address), device: way.device, gateway: gateway), replace: true)
    }
  }

  private static func makeCarrier(
    _ parameters: Parameters, _ journal: UndoJournal, _ logger: Logger,
    _ onFailure: @Sendable @escaping (SystemError) -> Void
  ) throws(SystemError) -> Carrier {
    if parameters.kind != .tun {
      do throws(SystemError) {
        try makeKernelDevice(parameters, journal)
        return .kernel
      } catch {
        guard parameters.kind == .auto else { throw error }
        logger.debug("no kernel tunnel: \(error)")
      }
    }
    let queues = try TUN.open(name: parameters.device, queues: 1)
    // Of no use in the tunnel; a kernel without IPv6 lacks the setting.
    try? Sysctl.write("net/ipv6/conf/\(parameters.device)/disable_ipv6", "1")
    return .user(
      try IPIPTunnel(
        queue: queues[0], local: parameters.insideAddress, remote: parameters.endpoint,
        inner: parameters.externalAddress, onFailure: onFailure))
  }

  private static func makeKernelDevice(
    _ parameters: Parameters, _ journal: UndoJournal
  ) throws(SystemError) {
    let name = parameters.device
    try Netlink.addIPIPTunnel(
      name, local: parameters.insideAddress, remote: parameters.endpoint)
    journal.add(.removeInterface(name: name, index: try Netlink.interfaceIndex(name)))
  }

  private static func setUp(
    _ parameters: Parameters, _ journal: UndoJournal
  ) throws(SystemError) {
    let name = parameters.device
    try Netlink.setUp(name, mtu: parameters.mtu)
    journal.add(.removeAddress(address: parameters.externalAddress, interface: name))
    try Netlink.addAddress(parameters.externalAddress, to: name)
    for half in halves {
      let route = Route(half, device: name, source: parameters.externalAddress)
      try Netlink.addRoute(route, replace: true)
    }
  }
}
