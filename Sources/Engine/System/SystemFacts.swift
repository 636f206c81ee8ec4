package import Net
package import PAP

/// What the kernel says about all that the data path rests on (design.md, section 2).
package struct SystemFacts: Sendable {
  /// Where packets to an address go.
  package enum Way: Hashable, Sendable {
    /// To this machine itself.
    case local
    /// Out of an interface, and with what longest packet if the route says.
    case device(String, mtu: Int?)
    /// Nowhere.
    case none
  }

  /// What matters of an interface.
  package struct Interface: Hashable, Sendable {
    package var name: String
    package var isUp: Bool
    package var mtu: Int
    package var addresses: [InterfaceAddress]
    package var forwards: Bool
    /// Whether the interface answers ARP requests for every address that it can route.
    package var answersForAll: Bool
    /// The reverse-path filter, the stricter of its own and the general setting: 1 is strict.
    package var reversePathFilter: Int
    /// How long answers for others' addresses are delayed, in hundredths of a second.
    package var proxyDelay: Int

    package init(
      name: String, isUp: Bool = true, mtu: Int = 1_500, addresses: [InterfaceAddress] = [],
      forwards: Bool = true, answersForAll: Bool = false, reversePathFilter: Int = 0,
      proxyDelay: Int = 0
    ) {
      self.name = name
      self.isUp = isUp
      self.mtu = mtu
      self.addresses = addresses
      self.forwards = forwards
      self.answersForAll = answersForAll
      self.reversePathFilter = reversePathFilter
      self.proxyDelay = proxyDelay
    }
  }

  /// Whether the kernel has TUN devices.
  package var hasTUN = true
  /// Whether it forwards at all.
  package var forwards = true
  package var interfaces: [Interface] = []
  package var wayToExternalAddress = Way.none
  package var wayToTunnelEndpoint = Way.none
  /// Addresses for which this machine answers ARP requests.
  package var proxies: [ProxyNeighbour] = []

  package init() {}
}

extension SystemFacts {
  /// Asks the kernel, in this thread's network namespace.
  ///
  /// What cannot be read counts as good: this is for advice only.
  package static func read(
    externalAddress: IPv4Address, tunnelEndpoint: IPv4Address
  ) throws(SystemError) -> SystemFacts {
    var facts = SystemFacts()
    facts.hasTUN = (try? File.status("/dev/net/tun")) != nil
    facts.forwards = Self.setting("ip_forward", default: 1) != 0
    facts.proxies = (try? Netlink.proxyNeighbours()) ?? []
    facts.wayToExternalAddress = way(to: externalAddress)
    facts.wayToTunnelEndpoint = way(to: tunnelEndpoint)
    let addresses = try Netlink.addresses()
    for link in try Netlink.links() where link.name != "lo" {
      facts.interfaces.append(
        interface(link, addresses.filter { $0.interface == link.name }))
    }
    return facts
  }

  private static func interface(_ link: Link, _ addresses: [InterfaceAddress]) -> Interface {
    let own = "conf/\(link.name)"
    return Interface(
      name: link.name, isUp: link.isUp, mtu: link.mtu, addresses: addresses,
      forwards: setting("\(own)/forwarding", default: 1) != 0,
      answersForAll: max(
        setting("\(own)/proxy_arp", default: 0), setting("conf/all/proxy_arp", default: 0)) != 0,
      reversePathFilter: max(
        setting("\(own)/rp_filter", default: 0), setting("conf/all/rp_filter", default: 0)),
      proxyDelay: setting("neigh/\(link.name)/proxy_delay", default: 0))
  }

  private static func setting(_ name: String, default value: Int) -> Int {
    (try? Sysctl.read("net/ipv4/\(name)")).flatMap { Int($0) } ?? value
  }

  private static func way(to address: IPv4Address) -> Way {
    guard let answer = try? Netlink.lookUpRoute(to: address) else { return .none }
    return answer.isLocal ? .local : .device(answer.device, mtu: answer.mtu)
  }
}
