/// The namespaces, bridges and cables of the lab, as input for `ip -batch`.
///
/// ```
/// hosta --+                                        +-- peer1
///         lan (bridge) -- in0 router out0 -- wan (bridge) -- peer2
/// hostb --+                                        +-- attacker
/// ```
/// Every node reaches its segment by its `eth0`. A guest's `eth0` has no address: a bridge in the
/// guest's namespace joins it to the TAP that the guest holds, so what goes in and out of the guest
/// can be counted there.
struct LabNetwork {
  let name: LabName
  let plan: LabPlan

  /// What the nodes call their uplink.
  static let uplink = "eth0"
  /// What a guest's namespace calls the device that the guest holds.
  static let tap = "tap0"

  /// The commands that make every namespace and cable, run outside any of them.
  var skeleton: String {
    let namespaces = LabNode.allCases.map { "netns add \(name.namespace($0))" }
    let leaves = LabNode.allCases.compactMap { node in
      node.segment.map { cable(Self.uplink, of: node, to: $0, port: node.rawValue) }
    }
    let router = [
      cable("in0", of: .router, to: .lan, port: "router"),
      cable("out0", of: .router, to: .wan, port: "router"),
    ]
    return lines(namespaces + leaves + router)
  }

  /// The commands for the inside of one namespace.
  func inside(_ node: LabNode) -> String {
    switch node {
    case .lan, .wan: segment(node)
    case .router: router
    case .hosta, .hostb, .peer1, .peer2, .attacker:
      plan.isGuest(node) ? guestUplink : lines(["link set lo up"] + endSystem(node, Self.uplink))
    }
  }

  /// The commands that give an end system its addresses and routes on `device`; a guest runs them
  /// inside.
  func endSystem(_ node: LabNode, _ device: String) -> [String] {
    guard let address = node.address else { return [] }
    let inner = plan.flows.compactMap { flow in
      flow.host == node ? flow.hostInner : flow.peer == node ? flow.peerInner : nil
    }
    return ["address add \(address)/24 dev \(device)", "link set \(device) up"]
      + Set(inner).sorted().map { "address add \($0)/32 dev lo" }
      + (node.segment == .wan
        ? ["route add \(LabAddress.external)/32 via \(LabAddress.routerOutside)"] : [])
  }

  /// The kernel settings of a namespace, each `key=value` for sysctl.
  func settings(_ node: LabNode) -> [String] {
    let quiet = ["net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1"]
    guard node == .router else { return quiet }
    // The engine's endpoint answers ARP by proxy, at once: the kernel's own delay is up to 0.8 s.
    return quiet + [
      "net.ipv4.ip_forward=1", "net.ipv4.conf.all.rp_filter=1", "net.ipv4.neigh.in0.proxy_delay=0",
      "net.ipv4.neigh.out0.proxy_delay=0",
    ]
  }

  private func cable(_ end: String, of node: LabNode, to segment: LabNode, port: String) -> String {
    "link add \(end) netns \(name.namespace(node)) type veth"
      + " peer name \(port) netns \(name.namespace(segment))"
  }

  private func segment(_ node: LabNode) -> String {
    let ports = LabNode.allCases.filter { $0.segment == node } + [.router]
    return lines(
      ["link set lo up", "link add br0 type bridge forward_delay 0"]
        + ports.map { "link set \($0.rawValue) master br0 up" } + ["link set br0 up"])
  }

  private var router: String {
    lines([
      "link set lo up",
      "address add \(LabAddress.routerInside)/24 dev in0",
      "address add \(LabAddress.routerOutside)/24 dev out0",
      "link set in0 up",
      "link set out0 up",
      "neighbour add proxy \(LabAddress.tunnelEndpoint) dev in0",
      "neighbour add proxy \(LabAddress.external) dev out0",
    ])
  }

  private var guestUplink: String {
    lines([
      "link set lo up", "link add br0 type bridge forward_delay 0",
      "tuntap add \(Self.tap) mode tap", "link set \(Self.uplink) master br0 up",
      "link set \(Self.tap) master br0 up", "link set br0 up",
    ])
  }

  private func lines(_ commands: [String]) -> String {
    commands.map { $0 + "\n" }.joined()
  }
}
