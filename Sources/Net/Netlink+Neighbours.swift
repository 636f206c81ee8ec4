internal import CLinux
internal import Glibc
package import PAP

/// An address for which this machine answers ARP requests on an interface.
package struct ProxyNeighbour: Hashable, Sendable {
  /// The address.
  package let address: IPv4Address
  /// The interface's name.
  package let interface: String

  /// Makes a value to compare with.
  package init(address: IPv4Address, interface: String) {
    self.address = address
    self.interface = interface
  }
}

/// `ndmsg`: family 8 bits, padding 24, interface index 32, state 16, flags 8, type 8.
private enum NeighbourBody {
  static let size = 12
  static let indexOffset = 4

  static func proxy(index: Int32) -> [UInt8] {
    [UInt8(AF_INET), 0, 0, 0] + .native(index) + .native(UInt16(NUD_PERMANENT))
      + [UInt8(NTF_PROXY), 0]
  }
}

extension Netlink {
  /// All addresses for which this machine answers ARP requests because of `addProxyNeighbour` or
  /// `ip neigh add proxy`.
  package static func proxyNeighbours() throws(SystemError) -> [ProxyNeighbour] {
    let names = Dictionary(try links().map { ($0.index, $0.name) }) { first, _ in first }
    let request = NetlinkRequest(
      RTM_GETNEIGH, flags: NLM_F_DUMP, body: NeighbourBody.proxy(index: 0))
    return try Self.request(request, "list", "proxy neighbours").compactMap { reply in
      guard reply.payload.first == UInt8(AF_INET),
        let address = address(reply.attributes(after: NeighbourBody.size)[NDA_DST]),
        let index: Int32 = reply.payload.native(at: NeighbourBody.indexOffset)
      else { return nil }
      return ProxyNeighbour(address: address, interface: names[index] ?? "\(index)")
    }
  }

  /// Has this machine answer ARP requests for `address` on an interface, as `ip neigh add proxy`
  /// does.
  ///
  /// An address that it answers for already is no error.
  ///
  /// The setting `net.ipv4.neigh.DEVICE.proxy_delay` delays answers by up to 0.8 s unless it is 0.
  package static func addProxyNeighbour(
    _ address: IPv4Address, on device: String
  ) throws(SystemError) {
    try change(RTM_NEWNEIGH, NLM_F_CREATE, "answer for \(address) on", address, device)
  }

  /// Ends what `addProxyNeighbour` began.
  ///
  /// - Throws: `ENOENT` if this machine does not answer for the address there.
  package static func removeProxyNeighbour(
    _ address: IPv4Address, on device: String
  ) throws(SystemError) {
    try change(RTM_DELNEIGH, 0, "stop answering for \(address) on", address, device)
  }

  private static func change(
    _ type: Int, _ flags: Int32, _ operation: String, _ address: IPv4Address, _ device: String
  ) throws(SystemError) {
    let body = NeighbourBody.proxy(index: try interfaceIndex(device))
    var request = NetlinkRequest(type, flags: NLM_F_ACK | flags, body: body)
    request.add(NDA_DST, octets(of: address))
    try Self.request(request, operation, device)
  }
}
