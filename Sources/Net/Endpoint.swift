internal import CLinux
internal import Glibc
package import PAP

/// An IPv4 address and a UDP or TCP port.
package struct Endpoint: Hashable, Sendable {
  /// The address.
  package let address: IPv4Address
  /// The port, host byte order.
  package let port: UInt16

  /// Makes an endpoint.
  package init(address: IPv4Address, port: UInt16) {
    self.address = address
    self.port = port
  }

  /// Reads `ADDRESS:PORT`, the port decimal without leading zeros.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPv4Address(parts[0]), let port = UInt16(parts[1]),
      String(port) == parts[1]
    else { return nil }
    self.init(address: address, port: port)
  }
}

extension Endpoint: Comparable {
  package static func < (left: Endpoint, right: Endpoint) -> Bool {
    (left.address, left.port) < (right.address, right.port)
  }
}

extension Endpoint: CustomStringConvertible {
  /// `ADDRESS:PORT`.
  package var description: String { "\(address):\(port)" }
}

extension Endpoint {
  /// The endpoint of a socket address, which must be of the IPv4 family.
  init(_ socketAddress: sockaddr_in) {
    self.init(
      address: IPv4Address(rawValue: UInt32(bigEndian: socketAddress.sin_addr.s_addr)),
      port: UInt16(bigEndian: socketAddress.sin_port))
  }

  /// The C library's form, network byte order.
  var socketAddress: sockaddr_in {
    var result = sockaddr_in()
    result.sin_family = sa_family_t(AF_INET)
    result.sin_port = port.bigEndian
    result.sin_addr.s_addr = address.rawValue.bigEndian
    return result
  }

  /// Calls `body` with the address as socket calls take it.
  func withSocketAddress<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
    let storage = socketAddress
    return unsafe withUnsafeBytes(of: storage) { bytes in
      // Invariant: the buffer is a whole sockaddr_in, so it has a base and begins with its family.
      let base = unsafe bytes.baseAddress.unsafelyUnwrapped
      return unsafe body(
        base.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
  }
}
