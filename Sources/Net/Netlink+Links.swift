internal import CLinux
internal import Glibc
package import PAP

/// A network interface.
package struct Link: Hashable, Sendable {
  /// The kernel's number.
  package let index: Int32
  /// The name.
  package let name: String
  /// The longest packet, in octets.
  package let mtu: Int
  /// Whether it is set up (`IFF_UP`).
  package let isUp: Bool
  /// Whether packets can flow (`IFF_LOWER_UP`): a TUN device with nobody at its other end says no.
  package let hasCarrier: Bool

  /// Linux' IFF_LOWER_UP, which `net/if.h` lacks.
  private static let lowerUp: UInt32 = 1 << 16

  /// Reads an RTM_NEWLINK message.
  init?(_ reply: NetlinkReply) {
    let attributes = reply.attributes(after: LinkBody.size)
    guard let index: Int32 = reply.payload.native(at: LinkBody.indexOffset),
      let flags: UInt32 = reply.payload.native(at: LinkBody.flagsOffset),
      let name = attributes[IFLA_IFNAME],
      let mtu: UInt32 = attributes[IFLA_MTU]?.native(at: 0)
    else { return nil }
    self.index = index
    self.name = String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
    self.mtu = Int(mtu)
    isUp = flags & UInt32(IFF_UP) != 0
    hasCarrier = flags & Self.lowerUp != 0
  }
}

/// `ifinfomsg`: family 8 bits, padding 8, type 16, index 32, flags 32, mask of flags to change 32.
private enum LinkBody {
  static let size = 16
  static let indexOffset = 4
  static let flagsOffset = 8

  static func bytes(flags: UInt32 = 0, change: UInt32 = 0) -> [UInt8] {
    [0, 0, 0, 0] + .native(Int32(0)) + .native(flags) + .native(change)
  }
}

extension Netlink {
  /// All interfaces.
  package static func links() throws(SystemError) -> [Link] {
    let request = NetlinkRequest(RTM_GETLINK, flags: NLM_F_DUMP, body: LinkBody.bytes())
    return try Self.request(request, "list", "interfaces").compactMap(Link.init)
  }

  /// The interface of this name.
  package static func link(named name: String) throws(SystemError) -> Link {
    var request = NetlinkRequest(RTM_GETLINK, flags: NLM_F_ACK, body: LinkBody.bytes())
    request.add(IFLA_IFNAME, .text(name))
    let replies = try Self.request(request, "find interface", name)
    guard let link = replies.compactMap(Link.init).first else {
      throw SystemError(operation: "find interface", object: name, code: ENODEV)
    }
    return link
  }

  /// The number of the interface of this name.
  package static func interfaceIndex(_ name: String) throws(SystemError) -> Int32 {
    try link(named: name).index
  }

  /// Sets an interface up; its longest packet too if `mtu` is given, and how many packets may wait to
  /// be sent if `queueLength` is.
  package static func setUp(
    _ name: String, mtu: Int? = nil, queueLength: Int? = nil
  ) throws(SystemError) {
    try setFlags(name, up: true, mtu: mtu, queueLength: queueLength)
  }

  /// Sets an interface down.
  package static func setDown(_ name: String) throws(SystemError) {
    try setFlags(name, up: false)
  }

  /// Makes a device that puts packets into IP-in-IP (RFC 2003) from `local` to `remote`, and takes
  /// them out.
  ///
  /// It is down at first.
  ///
  /// - Throws: `EOPNOTSUPP` if the kernel has no such devices, `EEXIST` if the name is taken.
  package static func addIPIPTunnel(
    _ name: String, local: IPv4Address, remote: IPv4Address
  ) throws(SystemError) {
    let request = ipipTunnelRequest(name, local: local, remote: remote)
    try Self.request(request, "make IP-in-IP tunnel", name)
  }

  /// Removes an interface.
  package static func deleteLink(_ name: String) throws(SystemError) {
    var request = NetlinkRequest(RTM_DELLINK, flags: NLM_F_ACK, body: LinkBody.bytes())
    request.add(IFLA_IFNAME, .text(name))
    try Self.request(request, "remove interface", name)
  }

  static func ipipTunnelRequest(
    _ name: String, local: IPv4Address, remote: IPv4Address
  ) -> NetlinkRequest {
    var data: [UInt8] = []
    data.append(netlinkAttribute: IFLA_IPTUN_LOCAL, octets(of: local))
    data.append(netlinkAttribute: IFLA_IPTUN_REMOTE, octets(of: remote))
    var information: [UInt8] = []
    information.append(netlinkAttribute: IFLA_INFO_KIND, Array("ipip".utf8))
    information.append(netlinkAttribute: IFLA_INFO_DATA, data)
    var request = NetlinkRequest(
      RTM_NEWLINK, flags: NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, body: LinkBody.bytes())
    request.add(IFLA_IFNAME, .text(name))
    request.add(IFLA_LINKINFO, information)
    return request
  }

  private static func setFlags(
    _ name: String, up: Bool, mtu: Int? = nil, queueLength: Int? = nil
  ) throws(SystemError) {
    let mask = UInt32(IFF_UP)
    var request = NetlinkRequest(
      RTM_NEWLINK, flags: NLM_F_ACK, body: LinkBody.bytes(flags: up ? mask : 0, change: mask))
    request.add(IFLA_IFNAME, .text(name))
    if let mtu { request.add(IFLA_MTU, .native(UInt32(clamping: mtu))) }
    if let queueLength { request.add(IFLA_TXQLEN, .native(UInt32(clamping: queueLength))) }
    try Self.request(request, up ? "set up interface" : "set down interface", name)
  }
}
