internal import CLinux
internal import Glibc
package import PAP

/// Sends whole IPv4 packets, header included (`IP_HDRINCL`).
///
/// Needs CAP_NET_RAW. Used on one thread.
///
/// The kernel fills in the total length, the header checksum, and the source address and
/// identification where they are 0.
package final class RawPacketSender {
  private let descriptor: FileDescriptor

  /// Opens the socket.
  package init() throws(SystemError) {
    descriptor = try Socket.open(AF_INET, SOCK_RAW, Int32(IPPROTO_RAW), what: "raw socket")
  }

  /// Sends a packet to the destination in its header.
  ///
  /// Returns false if the kernel had no room for it: it is lost.
  ///
  /// - Throws: `EINVAL` if the packet is shorter than an IPv4 header, `EMSGSIZE` if it is longer
  ///   than the interface's MTU.
  @discardableResult
  package func send(_ packet: [UInt8]) throws(SystemError) -> Bool {
    guard packet.count >= 20 else {
      throw SystemError(operation: "send", object: "packet without IPv4 header", code: EINVAL)
    }
    // RFC 791 section 3.1: the destination is octets 16 to 19.
    let number = packet[16..<20].reduce(0) { $0 << 8 | UInt32($1) }
    let destination = Endpoint(address: IPv4Address(rawValue: number), port: 0)
    return try Socket.send(descriptor.rawValue, packet, to: destination)
  }
}

/// Receives a copy of each local IPv4 packet of one protocol, header included.
///
/// Needs CAP_NET_RAW. Used on one thread.
package final class RawPacketReceiver {
  private let descriptor: FileDescriptor
  private let what: String
  private var buffer = [UInt8](repeating: 0, count: 65_535)

  /// The descriptor to watch.
  package var rawValue: Int32 { descriptor.rawValue }

  /// Opens the socket.
  ///
  /// - Parameters:
  ///   - protocolNumber: as in the IPv4 header; 4 is IP in IP.
  ///   - local: only packets to this address; nil is any address of this machine.
  ///   - receiveBuffer: octets the kernel may hold for us.
  /// - Throws: `EPERM` without the capability, `EADDRNOTAVAIL` if `local` is not this machine's.
  package init(
    protocolNumber: UInt8, local: IPv4Address? = nil, receiveBuffer: Int32 = 8 << 20
  ) throws(SystemError) {
    what = "raw socket of protocol \(protocolNumber)"
    descriptor = try Socket.open(AF_INET, SOCK_RAW, Int32(protocolNumber), what: what)
    let raw = descriptor.rawValue
    Socket.enlargeReceiveBuffer(raw, to: receiveBuffer)
    guard let local else { return }
    try systemCall("bind to \(local)", what) {
      unsafe Endpoint(address: local, port: 0).withSocketAddress { unsafe bind(raw, $0, $1) }
    }
  }

  /// The next packet and its sender, or nil if none waits.
  package func receive() throws(SystemError) -> (packet: [UInt8], source: IPv4Address)? {
    guard let (count, source) = try Socket.receive(rawValue, into: &buffer, what: what) else {
      return nil
    }
    return (Array(buffer[..<count]), source.address)
  }
}
