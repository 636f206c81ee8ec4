internal import CLinux
internal import Glibc
internal import PAP

/// A UDP datagram and who sent it.
package struct Datagram: Hashable, Sendable {
  /// The payload.
  package let bytes: [UInt8]
  /// The sender, as its packet's header says: anyone can write anything there.
  package let source: Endpoint
}

/// A UDP socket on one local endpoint, which never blocks.
///
/// Used on one thread.
package final class UDPSocket {
  /// The largest payload of a UDP datagram over IPv4.
  private static let largestPayload = 65_507

  private let descriptor: FileDescriptor
  private var buffer = [UInt8](repeating: 0, count: largestPayload)

  /// Where the socket receives; the port is the kernel's choice if 0 was asked for.
  package let local: Endpoint

  /// The descriptor to watch.
  package var rawValue: Int32 { descriptor.rawValue }

  /// Opens a socket and binds it.
  ///
  /// - Parameters:
  ///   - endpoint: a local address or 0.0.0.0 for all, and a port or 0 for any.
  ///   - receiveBuffer: octets the kernel may hold for us.
  /// - Throws: `EADDRINUSE` if another socket is there, `EADDRNOTAVAIL` if the address is not this
  ///   machine's.
  package init(
    boundTo endpoint: Endpoint, receiveBuffer: Int32 = 8 << 20
  ) throws(SystemError) {
    descriptor = try Socket.open(AF_INET, SOCK_DGRAM, 0, what: "UDP socket")
    let raw = descriptor.rawValue
    Socket.enlargeReceiveBuffer(raw, to: receiveBuffer)
    try systemCall("listen on", "UDP \(endpoint)") {
      unsafe endpoint.withSocketAddress { unsafe bind(raw, $0, $1) }
    }
    local = try Self.localEndpoint(raw)
  }

  /// The next datagram, or nil if none waits.
  package func receive() throws(SystemError) -> Datagram? {
    guard let (count, source) = try Socket.receive(rawValue, into: &buffer, what: "UDP \(local)")
    else { return nil }
    return Datagram(bytes: Array(buffer[..<count]), source: source)
  }

  /// Sends a datagram.
  ///
  /// Returns false if the kernel had no room for it: it is lost.
  @discardableResult
  package func send(_ bytes: [UInt8], to destination: Endpoint) throws(SystemError) -> Bool {
    try Socket.send(rawValue, bytes, to: destination)
  }

  private static func localEndpoint(_ descriptor: Int32) throws(SystemError) -> Endpoint {
    var address = sockaddr_in()
    try systemCall("read address of", "UDP socket") {
      unsafe withUnsafeMutableBytes(of: &address) {
        var length = socklen_t($0.count)
        return unsafe getsockname(
          descriptor, $0.assumingMemoryBound(to: sockaddr.self).baseAddress.unsafelyUnwrapped,
          &length)
      }
    }
    return Endpoint(address)
  }
}
