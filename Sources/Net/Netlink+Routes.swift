internal import CLinux
internal import Glibc
package import PAP

/// An IPv4 route, as `ip route` writes it.
package struct Route: Hashable, Sendable {
  /// The addresses it is for; `0.0.0.0/0` is the default route.
  package var destination: CIDR
  /// The interface; nil leaves it to the gateway.
  package var device: String?
  /// The next router; nil if the destination is on the interface's own network.
  package var gateway: IPv4Address?
  /// The source address that this machine's own packets get.
  package var source: IPv4Address?
  /// The longest packet, in octets: longer ones are answered "fragmentation needed" or fragmented.
  package var mtu: Int?
  /// The preference among routes to one destination: the lowest wins.
  ///
  /// Nil is 0.
  package var metric: Int?
  /// The table; 254 is the main one.
  package var table: UInt32

  /// Makes a route to pass to `Netlink`.
  package init(
    _ destination: CIDR, device: String? = nil, gateway: IPv4Address? = nil,
    source: IPv4Address? = nil, mtu: Int? = nil, metric: Int? = nil, table: UInt32 = 254
  ) {
    self.destination = destination
    self.device = device
    self.gateway = gateway
    self.source = source
    self.mtu = mtu
    self.metric = metric
    self.table = table
  }
}

extension Route: CustomStringConvertible {
  /// As `ip route` writes it.
  package var description: String {
    var words = ["\(destination)"]
    if let gateway { words.append("via \(gateway)") }
    if let device { words.append("dev \(device)") }
    if let source { words.append("src \(source)") }
    if let mtu { words.append("mtu \(mtu)") }
    if let metric { words.append("metric \(metric)") }
    if table != Route.mainTable { words.append("table \(table)") }
    return words.joined(separator: " ")
  }

  /// RT_TABLE_MAIN.
  package static let mainTable: UInt32 = 254
}

/// What the kernel would do with a packet.
package struct RouteAnswer: Hashable, Sendable {
  /// Whether the address is one of this machine's own.
  package let isLocal: Bool
  /// The interface.
  package let device: String
  /// The next router, if there is one.
  package let gateway: IPv4Address?
  /// The source address that this machine's own packets would get.
  package let source: IPv4Address?
  /// The longest packet that the route lets through, if it says.
  package let mtu: Int?
}

/// `rtmsg`: family, destination length, source length, TOS, table, protocol, scope, type (8 bits
/// each), flags 32.
private enum RouteBody {
  static let size = 12
  static let typeOffset = 7

  static func bytes(
    prefixLength: Int, table: UInt8 = 0, origin: Int32 = 0, scope: UInt32 = 0, type: Int = 0
  ) -> [UInt8] {
    [
      UInt8(AF_INET), UInt8(clamping: prefixLength), 0, 0, table, UInt8(clamping: origin),
      UInt8(clamping: scope), UInt8(clamping: type), 0, 0, 0, 0,
    ]
  }
}

extension Netlink {
  /// Adds a route.
  ///
  /// - Parameters:
  ///   - route: what to add.
  ///   - replace: whether to take the place of a route to the same destination with the same metric.
  /// - Throws: `EEXIST` if there is such a route and `replace` is false, `ENETDOWN` if the interface
  ///   is down, `ENETUNREACH` if the gateway is on no network of ours.
  package static func addRoute(_ route: Route, replace: Bool = false) throws(SystemError) {
    let scope = route.gateway == nil ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE
    let body = RouteBody.bytes(
      prefixLength: route.destination.prefixLength, table: tableOctet(route),
      origin: RTPROT_STATIC, scope: scope.rawValue, type: Int(RTN_UNICAST))
    let flags = NLM_F_ACK | NLM_F_CREATE | (replace ? NLM_F_REPLACE : NLM_F_EXCL)
    var request = NetlinkRequest(RTM_NEWROUTE, flags: flags, body: body)
    try addAttributes(of: route, to: &request)
    try Self.request(request, "add route", "\(route)")
  }

  /// Removes a route.
  ///
  /// What `route` leaves open may be anything.
  ///
  /// - Throws: `ESRCH` if there is no such route.
  package static func removeRoute(_ route: Route) throws(SystemError) {
    let body = RouteBody.bytes(
      prefixLength: route.destination.prefixLength, table: tableOctet(route),
      scope: RT_SCOPE_NOWHERE.rawValue)
    var request = NetlinkRequest(RTM_DELROUTE, flags: NLM_F_ACK, body: body)
    try addAttributes(of: route, to: &request)
    try Self.request(request, "remove route", "\(route)")
  }

  /// Asks the kernel where a packet to `address` would go.
  ///
  /// - Throws: `ENETUNREACH` or `EHOSTUNREACH` if there is no route.
  package static func lookUpRoute(to address: IPv4Address) throws(SystemError) -> RouteAnswer {
    var request = NetlinkRequest(
      RTM_GETROUTE, flags: NLM_F_ACK, body: RouteBody.bytes(prefixLength: 32))
    request.add(Int(RTA_DST.rawValue), octets(of: address))
    let replies = try Self.request(request, "look up route to", "\(address)")
    guard let reply = replies.first, reply.payload.count >= RouteBody.size,
      let index: Int32 = reply.attributes(after: RouteBody.size)[Int(RTA_OIF.rawValue)]?
        .native(at: 0)
    else {
      throw SystemError(operation: "look up route to", object: "\(address)", code: EBADMSG)
    }
    let attributes = reply.attributes(after: RouteBody.size)
    return RouteAnswer(
      isLocal: Int(reply.payload[RouteBody.typeOffset]) == Int(RTN_LOCAL),
      device: try links().first { $0.index == index }?.name ?? "\(index)",
      gateway: Self.address(attributes[Int(RTA_GATEWAY.rawValue)]),
      source: Self.address(attributes[Int(RTA_PREFSRC.rawValue)]), mtu: mtu(attributes))
  }

  private static func mtu(_ attributes: [Int: [UInt8]]) -> Int? {
    guard let metrics = attributes[Int(RTA_METRICS.rawValue)],
      let mtu: UInt32 = NetlinkReply.attributes(metrics[...])[Int(RTAX_MTU)]?.native(at: 0)
    else { return nil }
    return Int(mtu)
  }

  /// Tables past 255 go into an attribute and leave the octet 0.
  private static func tableOctet(_ route: Route) -> UInt8 {
    UInt8(exactly: route.table) ?? 0
  }

  private static func addAttributes(
    of route: Route, to request: inout NetlinkRequest
  ) throws(SystemError) {
    if route.destination.prefixLength > 0 {
      request.add(Int(RTA_DST.rawValue), octets(of: route.destination.address))
    }
    if let device = route.device {
      request.add(Int(RTA_OIF.rawValue), .native(try interfaceIndex(device)))
    }
    if let gateway = route.gateway { request.add(Int(RTA_GATEWAY.rawValue), octets(of: gateway)) }
    if let source = route.source { request.add(Int(RTA_PREFSRC.rawValue), octets(of: source)) }
    if let metric = route.metric {
      request.add(Int(RTA_PRIORITY.rawValue), .native(UInt32(clamping: metric)))
    }
    if let mtu = route.mtu {
      var metrics: [UInt8] = []
      metrics.append(netlinkAttribute: RTAX_MTU, .native(UInt32(clamping: mtu)))
      request.add(Int(RTA_METRICS.rawValue), metrics)
    }
    if route.table > 255 { request.add(Int(RTA_TABLE.rawValue), .native(route.table)) }
  }
}
