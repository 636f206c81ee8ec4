package import Configuration
internal import Net
internal import PAP

/// Says what is wrong around the data path, and the command that mends it.
package struct SystemCheck: Sendable {
  /// Something that is wrong.
  package struct Finding: Hashable, Sendable {
    /// What, and what follows from it.
    package var what: String
    /// The command that mends it; nil if there is no single one.
    package var command: String?
  }

  /// The longest packet of a TUN device of ours: the limit on packets stands on the route, so that
  /// the kernel answers what is too long, and the device takes the hosts' larger outer packets.
  package static let deviceMTU = 65_521

  private let facts: SystemFacts
  private let configuration: RouterConfiguration

  /// Makes a check of what is known.
  package init(_ facts: SystemFacts, _ configuration: RouterConfiguration) {
    self.facts = facts
    self.configuration = configuration
  }

  /// Everything that is wrong, what matters most first.
  package var findings: [Finding] {
    let device = facts.interfaces.first { $0.name == configuration.tun }
    return deviceFindings(device) + wayFindings(hasDevice: device != nil) + forwarding
      + neighbours
  }

  private func deviceFindings(_ device: SystemFacts.Interface?) -> [Finding] {
    guard facts.hasTUN else {
      return [Finding(what: "the kernel has no TUN devices", command: "modprobe tun")]
    }
    // The engine makes a device that is not there, and makes it right.
    guard let device else { return [] }
    var findings: [Finding] = []
    if !device.isUp {
      findings.append(
        Finding(what: "\(device.name) is down", command: "ip link set \(device.name) up"))
    }
    let needed = configuration.tunnelMTU + 20
    if device.mtu < needed {
      findings.append(
        Finding(
          what:
            "\(device.name) takes packets of \(device.mtu) octets only, but those of hosts have "
            + "up to \(needed)",
          command: "ip link set \(device.name) mtu \(Self.deviceMTU)"))
    }
    return findings
  }

  private func wayFindings(hasDevice: Bool) -> [Finding] {
    let external = configuration.externalAddress
    let endpoint = configuration.tunnelEndpoint
    let mtu = configuration.tunnelMTU
    return way(facts.wayToExternalAddress, to: external, "external address", mtu, hasDevice)
      + way(facts.wayToTunnelEndpoint, to: endpoint, "tunnel endpoint", nil, hasDevice)
  }

  private func way(
    _ way: SystemFacts.Way, to address: IPv4Address, _ name: String, _ mtu: Int?,
    _ hasDevice: Bool
  ) -> [Finding] {
    let route =
      "ip route replace \(address)/32 dev \(configuration.tun)" + (mtu.map { " mtu \($0)" } ?? "")
    switch way {
    case .local:
      let holder = facts.interfaces.first { $0.addresses.contains { $0.address == address } }
      return [
        Finding(
          what:
            "the \(name) \(address) belongs to this machine\(holder.map { " (\($0.name))" } ?? ""), "
            + "whose own stack then takes its packets; it must be local to nobody",
          command: holder.flatMap { removal(of: address, from: $0) })
      ]
    case .device(configuration.tun, let found):
      guard let mtu, (found ?? .max) > mtu else { return [] }
      return [
        Finding(
          what:
            "the route to the \(name) does not limit packets to \(mtu) octets, so outside peers "
            + "are not told what fits",
          command: route)
      ]
    case .device(let other, _) where hasDevice:
      return [
        Finding(
          what: "packets to the \(name) \(address) go to \(other), not to \(configuration.tun)"
            + filterRemark, command: route)
      ]
    case .none where hasDevice:
      return [
        Finding(what: "there is no route to the \(name) \(address)\(filterRemark)", command: route)
      ]
    case .device, .none: return []
    }
  }

  private func removal(of address: IPv4Address, from device: SystemFacts.Interface) -> String? {
    device.addresses.first { $0.address == address }.map {
      "ip addr del \(address)/\($0.prefixLength) dev \(device.name)"
    }
  }

  // A strict filter lets a packet from the device pass only if its source is routed there.
  private var filterRemark: String {
    let device = facts.interfaces.first { $0.name == configuration.tun }
    return device?.reversePathFilter == 1
      ? "; the strict reverse-path filter of \(configuration.tun) also drops what comes from it"
      : ""
  }

  private var forwarding: [Finding] {
    let general =
      facts.forwards
      ? []
      : [Finding(what: "the kernel does not forward", command: "sysctl -w net.ipv4.ip_forward=1")]
    let own = facts.interfaces.filter { !$0.forwards && isConcerned($0) && facts.forwards }
    return general
      + own.map { interface in
        Finding(
          what: "the kernel does not forward what comes from \(interface.name)",
          command: "sysctl -w net/ipv4/conf/\(interface.name)/forwarding=1")
      }
  }

  private func isConcerned(_ interface: SystemFacts.Interface) -> Bool {
    interface.name == configuration.tun || (interface.isUp && !interface.addresses.isEmpty)
  }

  // An address on a network of ours that nobody has: who on that network looks for it asks by ARP.
  private var neighbours: [Finding] {
    let addresses = [
      (configuration.externalAddress, "external address"),
      (configuration.tunnelEndpoint, "tunnel endpoint"),
    ]
    return addresses.flatMap { address, name in
      facts.interfaces.filter { $0.isUp && $0.has(networkWith: address) }
        .flatMap { neighbour($0, address, name) }
    }
  }

  private func neighbour(
    _ interface: SystemFacts.Interface, _ address: IPv4Address, _ name: String
  ) -> [Finding] {
    let entry = ProxyNeighbour(address: address, interface: interface.name)
    guard facts.proxies.contains(entry) || interface.answersForAll else {
      return [
        Finding(
          what: "nobody answers ARP requests for the \(name) \(address) on \(interface.name), "
            + "unless its neighbours have a route to it",
          command: "ip neigh add proxy \(address) dev \(interface.name)")
      ]
    }
    guard interface.proxyDelay > 0 else { return [] }
    return [
      Finding(
        what: "\(interface.name) delays ARP answers for the \(name) \(address) by up to "
          + "\(interface.proxyDelay * 10) ms",
        command: "sysctl -w net/ipv4/neigh/\(interface.name)/proxy_delay=0")
    ]
  }
}

extension SystemFacts.Interface {
  /// Whether the address is on a network that the interface is on, but is not its own.
  fileprivate func has(networkWith address: IPv4Address) -> Bool {
    addresses.contains {
      $0.prefixLength < 32 && CIDR($0.address, prefixLength: $0.prefixLength).contains(address)
    } && !addresses.contains { $0.address == address }
  }
}
