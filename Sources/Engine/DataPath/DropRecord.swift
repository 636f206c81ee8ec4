/// One dropped packet, as a worker leaves it in its drop ring.
///
/// Numbers are in host byte order; what does not apply is 0, and the reader decides by `ipProtocol`
/// what does.
package struct DropRecord: Sendable {
  /// When, monotonic nanoseconds.
  package var time: UInt64 = 0
  package var reason: DropReason = .malformed
  package var direction: Direction = .inbound
  /// The IP protocol, or 0 if not even that could be read.
  package var ipProtocol: UInt8 = 0
  /// Whether `source` and `destination` were readable.
  package var hasAddresses = false
  /// Whether `spi` was readable (ESP, AH, ESP in UDP).
  package var hasSPI = false
  /// Whether the ports were readable (UDP, TCP).
  package var hasPorts = false
  package var source: UInt32 = 0
  package var destination: UInt32 = 0
  package var spi: UInt32 = 0
  package var sourcePort: UInt16 = 0
  package var destinationPort: UInt16 = 0
  /// The host concerned, or 0 if none is known.
  package var host: UInt16 = 0
  /// Octets of the packet, the tunnel's header excluded where there was one.
  package var length: UInt16 = 0
  /// The first octets of the packet, the tunnel's header excluded where there was one.
  package var head = PacketHead()
}
