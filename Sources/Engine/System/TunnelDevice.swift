package import Configuration
package import Net
internal import PAP

/// The TUN device between the kernel and the workers.
package enum TunnelDevice {
  /// Packets that may wait in the device's queue for the engine; the kernel's 500 are gone in a
  /// millisecond when a worker is busy.
  private static let queueLength = 5_000

  /// Opens the device, and makes it if it does not exist.
  ///
  /// One that exists is used as it is. One that is made here is brought up, gets the routes of both
  /// addresses, and goes with the engine.
  package static func open(
    _ configuration: RouterConfiguration
  ) throws(SystemError) -> [TUNQueue] {
    let exists = try Netlink.links().contains { $0.name == configuration.tun }
    let queues = try TUN.open(name: configuration.tun, queues: wantedQueues(configuration))
    if !exists { try prepare(configuration) }
    return queues
  }

  /// Makes the device so that it stays, brings it up and sets the routes of both addresses: an
  /// engine without privileges can use it then.
  ///
  /// One that exists is changed to what the configuration says.
  ///
  /// - Parameters:
  ///   - configuration: The device's name, queues, addresses and MTU.
  ///   - owner: The user whose engine is to open it; nil changes no owner.
  /// - Throws: `EBUSY` if an engine holds it, `EPERM` without the privilege.
  package static func make(
    _ configuration: RouterConfiguration, owner: UInt32?
  ) throws(SystemError) {
    try TUN.keep(name: configuration.tun, queues: wantedQueues(configuration), owner: owner)
    try prepare(configuration)
  }

  /// Removes the device, and its routes with it.
  ///
  /// - Throws: `ENODEV` if there is none.
  package static func remove(_ configuration: RouterConfiguration) throws(SystemError) {
    try Netlink.deleteLink(configuration.tun)
  }

  private static func wantedQueues(_ configuration: RouterConfiguration) -> Int {
    configuration.queues == 0 ? ThisProcess.processorCount : configuration.queues
  }

  private static func prepare(_ configuration: RouterConfiguration) throws(SystemError) {
    let name = configuration.tun
    // Else the kernel itself sends router solicitations into the device. Without IPv6 there is
    // nothing to turn off.
    try? Sysctl.write("net/ipv6/conf/\(name)/disable_ipv6", "1")
    try Netlink.setUp(name, mtu: SystemCheck.deviceMTU, queueLength: queueLength)
    try Netlink.addRoute(
      Route(
        CIDR(configuration.externalAddress), device: name, mtu: configuration.tunnelMTU),
      replace: true)
    try Netlink.addRoute(Route(CIDR(configuration.tunnelEndpoint), device: name), replace: true)
  }
}
