/// What the first fragment of a packet decided for those that follow it.
enum FragmentRuling: Equatable {
  /// They may go where the first one went, if each passes the checks of its own moment. `nil` is an
  /// outbound packet's way out.
  case admitted(Recipient?)
  /// They share the first one's fate. The host is the one concerned, or 0.
  case refused(DropReason, host: UInt16)
}

/// What the fragments of one packet have in common (RFC 791, section 3.2); the other address is the
/// shared one.
struct FragmentKey: Equatable {
  /// The peer's address, host byte order.
  let address: UInt32
  let identification: UInt16
  let protocolNumber: UInt8
  /// The host that sends, outbound: hosts share an address, so their packets may look alike.
  let host: UInt16

  init(inbound packet: IPv4Header) {
    address = packet.source
    identification = packet.identification
    protocolNumber = packet.protocolNumber
    host = 0
  }

  init(outbound packet: IPv4Header, from host: UInt16) {
    address = packet.destination
    identification = packet.identification
    protocolNumber = packet.protocolNumber
    self.host = host
  }

  /// Well mixed bits, for who does not know the seed.
  func hash(seed: UInt64) -> UInt64 {
    let word = UInt64(address) << 32 | UInt64(identification) << 16 | UInt64(host)
    let mixed = (word ^ seed) &+ UInt64(protocolNumber) &* 0x9e37_79b9_7f4a_7c15
    let product = mixed.multipliedFullWidth(by: seed.byteSwapped | 1)
    return product.high ^ product.low
  }
}
