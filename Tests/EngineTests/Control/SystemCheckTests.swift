import Configuration
import Net
import PAP
import Testing

@testable import Engine

/// A good system with one thing changed, and the commands that must be advised, in order.
private struct SystemVector: CustomTestStringConvertible, Sendable {
  var testDescription: String
  var commands: [String?]
  var change: @Sendable (inout SystemFacts) -> Void

  init(
    _ name: String, _ commands: [String?], _ change: @escaping @Sendable (inout SystemFacts) -> Void
  ) {
    testDescription = name
    self.commands = commands
    self.change = change
  }
}

struct SystemCheckTests {
  private static let text = """
    [router]
    external-address = "198.51.100.1"
    tunnel-endpoint = "10.0.0.254"
    inside-networks = ["10.0.0.0/24"]
    [pap]
    listen = ["10.0.0.1:7028"]
    """

  private static let external = IPv4Address(rawValue: 0xc633_6401)
  private static let endpoint = IPv4Address(rawValue: 0x0a00_00fe)

  private static func address(_ text: String, _ length: Int, _ name: String) -> InterfaceAddress {
    InterfaceAddress(
      address: IPv4Address(text) ?? external, prefixLength: length, interface: name)
  }

  private static var good: SystemFacts {
    var facts = SystemFacts()
    facts.interfaces = [
      SystemFacts.Interface(name: "dnat0", mtu: 65_521, reversePathFilter: 1),
      SystemFacts.Interface(name: "in", addresses: [address("10.0.0.1", 24, "in")]),
      SystemFacts.Interface(name: "out", addresses: [address("198.51.100.254", 24, "out")]),
    ]
    facts.wayToExternalAddress = .device("dnat0", mtu: 1_480)
    facts.wayToTunnelEndpoint = .device("dnat0", mtu: nil)
    facts.proxies = [
      ProxyNeighbour(address: external, interface: "out"),
      ProxyNeighbour(address: endpoint, interface: "in"),
    ]
    return facts
  }

  private static let externalRoute = "ip route replace 198.51.100.1/32 dev dnat0 mtu 1480"
  private static let endpointRoute = "ip route replace 10.0.0.254/32 dev dnat0"

  private static let vectors: [SystemVector] = [
    SystemVector("all is well", []) { _ in },
    SystemVector("no TUN in the kernel", ["modprobe tun"]) { facts in
      facts.hasTUN = false
      facts.interfaces.removeFirst()
      facts.wayToExternalAddress = .none
    },
    SystemVector("no device: the engine makes it", []) { facts in
      facts.interfaces.removeFirst()
      facts.wayToExternalAddress = .none
      facts.wayToTunnelEndpoint = .device("in", mtu: nil)
    },
    SystemVector("device down", ["ip link set dnat0 up"]) { $0.interfaces[0].isUp = false },
    SystemVector("device too small", ["ip link set dnat0 mtu 65521"]) {
      $0.interfaces[0].mtu = 1_499
    },
    SystemVector("device just large enough", []) { $0.interfaces[0].mtu = 1_500 },
    SystemVector("address is local", ["ip addr del 198.51.100.1/25 dev out"]) { facts in
      facts.wayToExternalAddress = .local
      facts.interfaces[2].addresses.append(address("198.51.100.1", 25, "out"))
    },
    SystemVector("address is local, by a route", [nil]) { $0.wayToTunnelEndpoint = .local },
    SystemVector("no route", [externalRoute, endpointRoute]) { facts in
      facts.wayToExternalAddress = .none
      facts.wayToTunnelEndpoint = .none
    },
    SystemVector("route elsewhere", [endpointRoute]) {
      $0.wayToTunnelEndpoint = .device("in", mtu: nil)
    },
    SystemVector("route without limit", [externalRoute]) {
      $0.wayToExternalAddress = .device("dnat0", mtu: nil)
    },
    SystemVector("route with too high a limit", [externalRoute]) {
      $0.wayToExternalAddress = .device("dnat0", mtu: 1_481)
    },
    SystemVector("route with a lower limit", []) {
      $0.wayToExternalAddress = .device("dnat0", mtu: 1_400)
    },
    SystemVector("no forwarding", ["sysctl -w net.ipv4.ip_forward=1"]) { facts in
      facts.forwards = false
      facts.interfaces[1].forwards = false
    },
    SystemVector("no forwarding from one", ["sysctl -w net/ipv4/conf/in/forwarding=1"]) {
      $0.interfaces[1].forwards = false
    },
    SystemVector("no forwarding from the device", ["sysctl -w net/ipv4/conf/dnat0/forwarding=1"]) {
      $0.interfaces[0].forwards = false
    },
    SystemVector("no forwarding from one that is not used", []) {
      $0.interfaces.append(SystemFacts.Interface(name: "spare", forwards: false))
    },
    SystemVector(
      "nobody answers ARP",
      ["ip neigh add proxy 198.51.100.1 dev out", "ip neigh add proxy 10.0.0.254 dev in"]
    ) { $0.proxies = [] },
    SystemVector("proxy ARP for all", ["ip neigh add proxy 10.0.0.254 dev in"]) { facts in
      facts.proxies = []
      facts.interfaces[2].answersForAll = true
    },
    SystemVector("not on a network of ours: a route must lead here", []) { facts in
      facts.proxies = [ProxyNeighbour(address: endpoint, interface: "in")]
      facts.interfaces[2].addresses = [address("203.0.113.2", 30, "out")]
    },
    SystemVector("slow ARP", ["sysctl -w net/ipv4/neigh/out/proxy_delay=0"]) {
      $0.interfaces[2].proxyDelay = 80
    },
  ]

  @Test(arguments: vectors)
  fileprivate func whatIsWrongIsSaidWithItsCommand(_ vector: SystemVector) throws {
    let configuration = try RouterConfiguration(text: Self.text, file: "r.toml")
    var facts = Self.good
    vector.change(&facts)
    let findings = SystemCheck(facts, configuration).findings
    #expect(findings.map(\.command) == vector.commands)
    #expect(findings.allSatisfy { !$0.what.isEmpty })
  }
}
