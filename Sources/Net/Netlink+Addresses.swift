internal import CLinux
internal import Glibc
package import PAP

/// An IPv4 address of an interface.
package struct InterfaceAddress: Hashable, Sendable {
  /// The address.
  package let address: IPv4Address
  /// The bits of it that name the network.
  package let prefixLength: Int
  /// The interface's name.
  package let interface: String

  /// Makes a value to compare with.
  package init(address: IPv4Address, prefixLength: Int, interface: String) {
    self.address = address
    self.prefixLength = prefixLength
    self.interface = interface
  }
}

/// `ifaddrmsg`: family 8 bits, prefix length 8, flags 8, scope 8, interface index 32.
private enum AddressBody {
  static let size = 8
  static let prefixLengthOffset = 1
  static let indexOffset = 4

  static func bytes(prefixLength: Int = 0, index: Int32 = 0) -> [UInt8] {
    [UInt8(AF_INET), UInt8(clamping: prefixLength), 0, UInt8(RT_SCOPE_UNIVERSE.rawValue)]
      + .native(index)
  }
}

extension Netlink {
  /// All IPv4 addresses of all interfaces.
  package static func addresses() throws(SystemError) -> [InterfaceAddress] {
    let names = Dictionary(try links().map { ($0.index, $0.name) }) { first, _ in first }
    let request = NetlinkRequest(RTM_GETADDR, flags: NLM_F_DUMP, body: AddressBody.bytes())
    return try Self.request(request, "list", "addresses").compactMap { reply in
      let attributes = reply.attributes(after: AddressBody.size)
      // IFA_ADDRESS is the other side's on a point-to-point interface.
      guard reply.payload.first == UInt8(AF_INET),
        let address = address(
          attributes[IFA_LOCAL] ?? attributes[IFA_ADDRESS]),
        let prefix: UInt8 = reply.payload.native(at: AddressBody.prefixLengthOffset),
        let index: Int32 = reply.payload.native(at: AddressBody.indexOffset)
      else { return nil }
      return InterfaceAddress(
        address: address, prefixLength: Int(prefix), interface: names[index] ?? "\(index)")
    }
  }

  /// Gives an interface an address.
  ///
  /// One that it has already is no error.
  package static func addAddress(
    _ address: IPv4Address, prefixLength: Int = 32, to name: String
  ) throws(SystemError) {
    try change(
      RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, "add \(address)/\(prefixLength) to", address,
      prefixLength, name)
  }

  /// Takes an address from an interface.
  ///
  /// - Throws: `EADDRNOTAVAIL` if it does not have it.
  package static func removeAddress(
    _ address: IPv4Address, prefixLength: Int = 32, from name: String
  ) throws(SystemError) {
    try change(
      RTM_DELADDR, 0, "remove \(address)/\(prefixLength) from", address, prefixLength, name)
  }

  private static func change(
    _ type: Int, _ flags: Int32, _ operation: String, _ address: IPv4Address, _ prefixLength: Int,
    _ name: String
  ) throws(SystemError) {
    let body = AddressBody.bytes(prefixLength: prefixLength, index: try interfaceIndex(name))
    var request = NetlinkRequest(type, flags: NLM_F_ACK | flags, body: body)
    request.add(IFA_LOCAL, octets(of: address))
    request.add(IFA_ADDRESS, octets(of: address))
    try Self.request(request, operation, name)
  }
}
