import PAP
import Testing

@testable import Net

extension NamespaceTests {
  /// Each change is made here and read by `ip`, or the other way round.
  @Suite struct Rtnetlink {
    struct ShownLink: Decodable {
      let ifindex: Int32
      let ifname: String
      let mtu: Int
      let flags: [String]
    }

    struct ShownAddresses: Decodable {
      struct Information: Decodable {
        let family: String
        let local: String
        let prefixlen: Int
      }
      let ifname: String
      let addr_info: [Information]
    }

    struct ShownRoute: Decodable, Equatable {
      struct Metrics: Decodable, Equatable {
        let mtu: Int?
      }
      let dst: String
      let gateway: String?
      let dev: String?
      let prefsrc: String?
      let metric: Int?
      let metrics: [Metrics]?
      let scope: String?
      let `protocol`: String?
    }

    static let inside = IPv4Address(rawValue: 0xc0a8_0001)
    static let gateway = IPv4Address(rawValue: 0xc0a8_00fe)

    /// A namespace with a pair of interfaces, left0 and right0, neither of them up.
    private func pair() throws -> TemporaryNamespace {
      let namespace = try TemporaryNamespace()
      try namespace.ip("link", "add", "left0", "type", "veth", "peer", "name", "right0")
      return namespace
    }

    private func perform(
      _ namespace: TemporaryNamespace, _ body: @Sendable @escaping () throws(SystemError) -> Void
    ) throws {
      try namespace.perform(body)
    }

    @Test func readsInterfacesAsIPDoes() throws {
      let namespace = try pair()
      try namespace.ip("link", "set", "left0", "up", "mtu", "1280")
      let shown = try decode([ShownLink].self, namespace.ip("-j", "link"))
      let links = try namespace.perform { () throws(SystemError) in try Netlink.links() }
      #expect(links.map(\.index) == shown.map(\.ifindex))
      #expect(links.map(\.name) == shown.map(\.ifname))
      #expect(links.map(\.mtu) == shown.map(\.mtu))
      #expect(links.map(\.isUp) == shown.map { $0.flags.contains("UP") })
      #expect(links.map(\.hasCarrier) == shown.map { $0.flags.contains("LOWER_UP") })
    }

    @Test func setsInterfacesUpAndDownAndRemovesThem() throws {
      let namespace = try pair()
      try perform(namespace) { () throws(SystemError) in
        try Netlink.setUp("left0", mtu: 1400)
        try Netlink.setUp("right0")
      }
      var shown = try decode([ShownLink].self, namespace.ip("-j", "link", "show", "left0"))
      #expect(shown[0].mtu == 1400 && shown[0].flags.contains("LOWER_UP"))
      try perform(namespace) { () throws(SystemError) in try Netlink.setDown("left0") }
      shown = try decode([ShownLink].self, namespace.ip("-j", "link", "show", "left0"))
      #expect(shown[0].mtu == 1400 && !shown[0].flags.contains("UP"))
      try perform(namespace) { () throws(SystemError) in try Netlink.deleteLink("right0") }
      shown = try decode([ShownLink].self, namespace.ip("-j", "link"))
      #expect(shown.map(\.ifname) == ["lo"])
    }

    @Test func addsReadsAndRemovesAddresses() throws {
      let namespace = try pair()
      try namespace.ip("address", "add", "10.1.2.3/8", "dev", "right0")
      // Point to point: the address of the other side is no address of ours.
      try namespace.ip("address", "add", "10.9.9.1", "peer", "10.9.9.2/32", "dev", "right0")
      let addresses = try namespace.perform { () throws(SystemError) in
        try Netlink.addAddress(Self.inside, prefixLength: 24, to: "left0")
        // Again: no error, no second one.
        try Netlink.addAddress(Self.inside, prefixLength: 24, to: "left0")
        try Netlink.addAddress(Self.gateway, to: "left0")
        return try Netlink.addresses().map { "\($0.interface) \($0.address)/\($0.prefixLength)" }
      }
      let shown = try decode([ShownAddresses].self, namespace.ip("-j", "-4", "address"))
      let expected = shown.flatMap { link in
        link.addr_info.map { "\(link.ifname) \($0.local)/\($0.prefixlen)" }
      }
      #expect(addresses.sorted() == expected.sorted())
      #expect(expected.contains("left0 192.168.0.1/24") && expected.count == 4)

      try perform(namespace) { () throws(SystemError) in
        try Netlink.removeAddress(Self.inside, prefixLength: 24, from: "left0")
      }
      #expect(try !namespace.ip("address").contains("192.168.0.1/"))
      let error = try namespace.perform { () throws(SystemError) in
        errorText { try Netlink.removeAddress(Self.inside, prefixLength: 24, from: "left0") }
      }
      #expect(
        error == "cannot remove 192.168.0.1/24 from left0: Cannot assign requested address")
    }

    struct RouteVector: CustomTestStringConvertible, Sendable {
      let route: Route
      var protocolName = "static"
      var testDescription: String { "\(route)" }
    }

    @Test(arguments: [
      RouteVector(route: Route(CIDR(gateway), device: "left0")),
      RouteVector(route: Route(CIDR(gateway), device: "left0", mtu: 1480)),
      RouteVector(
        route: Route(
          CIDR(IPv4Address(rawValue: 0xcb00_7100), prefixLength: 24), gateway: gateway,
          source: inside, mtu: 1400, metric: 50)),
      RouteVector(
        route: Route(
          CIDR(IPv4Address(rawValue: 0), prefixLength: 0), device: "left0", gateway: gateway)),
      RouteVector(
        route: Route(
          CIDR(IPv4Address(rawValue: 0), prefixLength: 0), device: "left0", table: 120)),
      RouteVector(
        route: Route(
          CIDR(IPv4Address(rawValue: 0x0a00_0000), prefixLength: 8), device: "left0",
          metric: 7, table: 70_000)),
    ])
    func addsAndRemovesRoutes(_ vector: RouteVector) throws {
      let namespace = try pair()
      let route = vector.route
      let error = try namespace.perform { () throws(SystemError) in
        try Netlink.setUp("left0")
        try Netlink.setUp("right0")
        try Netlink.addAddress(Self.inside, prefixLength: 24, to: "left0")
        try Netlink.addRoute(route)
        return systemError { try Netlink.addRoute(route) }?.code
      }
      #expect(error == SystemError.Code.alreadyExists)
      let show: () throws -> [ShownRoute] = {
        try decode(
          [ShownRoute].self,
          namespace.ip("-j", "-d", "route", "show", "table", "\(route.table)"))
      }
      let shown = try #require(try show().first { $0.protocol == "static" })
      let prefix = route.destination
      let name =
        prefix.prefixLength == 0
        ? "default" : prefix.prefixLength == 32 ? "\(prefix.address)" : "\(prefix)"
      #expect(shown.dst == name && shown.dev == "left0")
      #expect(shown.gateway == route.gateway?.description)
      #expect(shown.prefsrc == route.source?.description)
      #expect(shown.metric == route.metric)
      #expect(shown.metrics?.first?.mtu == route.mtu)
      #expect(shown.scope == (route.gateway == nil ? "link" : "global"))

      let again = try namespace.perform { () throws(SystemError) in
        try Netlink.removeRoute(route)
        return systemError { try Netlink.removeRoute(route) }?.reason
      }
      #expect(try !show().contains(shown))
      #expect(again == "No such process")
    }

    @Test func replacesRoutes() throws {
      let namespace = try pair()
      var route = Route(CIDR(Self.gateway), device: "left0", mtu: 1480)
      let first = route
      route.mtu = 1400
      let second = route
      try perform(namespace) { () throws(SystemError) in
        try Netlink.setUp("left0")
        try Netlink.addRoute(first, replace: true)
        try Netlink.addRoute(second, replace: true)
      }
      let shown = try decode([ShownRoute].self, namespace.ip("-j", "-d", "route"))
      #expect(shown.map { $0.metrics?.first?.mtu } == [1400])
    }

    @Test func asksWhereAPacketWouldGo() throws {
      let namespace = try pair()
      let answers = try namespace.perform { () throws(SystemError) in
        try Netlink.setUp("lo")
        try Netlink.setUp("left0")
        try Netlink.setUp("right0")
        try Netlink.addAddress(Self.inside, prefixLength: 24, to: "left0")
        try Netlink.addRoute(
          Route(
            CIDR(IPv4Address(rawValue: 0xcb00_7100), prefixLength: 24), gateway: Self.gateway,
            mtu: 1480))
        return [
          try Netlink.lookUpRoute(to: Self.inside),
          try Netlink.lookUpRoute(to: Self.gateway),
          try Netlink.lookUpRoute(to: IPv4Address(rawValue: 0xcb00_7105)),
        ]
      }
      #expect(
        answers == [
          RouteAnswer(isLocal: true, device: "lo", gateway: nil, source: Self.inside, mtu: nil),
          RouteAnswer(isLocal: false, device: "left0", gateway: nil, source: Self.inside, mtu: nil),
          RouteAnswer(
            isLocal: false, device: "left0", gateway: Self.gateway, source: Self.inside, mtu: 1480),
        ])
      let error = try namespace.perform { () throws(SystemError) in
        errorText { _ = try Netlink.lookUpRoute(to: IPv4Address(rawValue: 0x0808_0808)) }
      }
      #expect(error == "cannot look up route to 8.8.8.8: Network is unreachable")
    }

    @Test func answersForOtherAddresses() throws {
      let namespace = try pair()
      try perform(namespace) { () throws(SystemError) in
        try Netlink.addProxyNeighbour(Self.gateway, on: "left0")
        try Netlink.addProxyNeighbour(Self.gateway, on: "left0")
      }
      #expect(try namespace.ip("neigh", "show", "proxy").trimmed == "192.168.0.254 dev left0 proxy")
      let known = try namespace.perform { () throws(SystemError) in try Netlink.proxyNeighbours() }
      #expect(known == [ProxyNeighbour(address: Self.gateway, interface: "left0")])
      let error = try namespace.perform { () throws(SystemError) in
        try Netlink.removeProxyNeighbour(Self.gateway, on: "left0")
        return errorText { try Netlink.removeProxyNeighbour(Self.gateway, on: "left0") }
      }
      #expect(try namespace.ip("neigh", "show", "proxy") == "")
      #expect(
        error == "cannot stop answering for 192.168.0.254 on left0: No such file or directory")
    }

    @Test func refusalsNameWhatWasRefused() throws {
      let namespace = try pair()
      let errors = try namespace.perform { () throws(SystemError) in
        [
          errorText { try Netlink.setUp("nothere0") },
          errorText { try Netlink.deleteLink("nothere0") },
          errorText { try Netlink.addAddress(Self.inside, to: "nothere0") },
          errorText { try Netlink.addRoute(Route(CIDR(Self.inside), device: "left0")) },
          errorText { try Netlink.setUp("left0", mtu: 1) },
          errorText { try Netlink.setUp("a-name-that-is-too-long") },
        ]
      }
      #expect(
        errors == [
          "cannot set up interface nothere0: No such device",
          "cannot remove interface nothere0: No such device",
          "cannot find interface nothere0: No such device",
          "cannot add route 192.168.0.1/32 dev left0: Network is down",
          "cannot set up interface left0: Invalid argument",
          "cannot set up interface a-name-that-is-too-long: Numerical result out of range",
        ])
    }
  }
}
