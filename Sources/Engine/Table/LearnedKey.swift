/// What a learned owner is found by.
struct LearnedKey: Equatable {
  /// The peer's address, host byte order.
  var peer: UInt32
  /// An IKE SPI; or an IP protocol above an outbound SPI; host byte order.
  var number: UInt64

  init(peer: UInt32, ikeSPI: UInt64) {
    self.peer = peer
    number = ikeSPI
  }

  init(peer: UInt32, outboundSPI spi: UInt32, protocolNumber: UInt8) {
    self.peer = peer
    number = UInt64(protocolNumber) << 32 | UInt64(spi)
  }

  init(peer: UInt32, number: UInt64) {
    self.peer = peer
    self.number = number
  }
}

/// A learned owner, when it is asked whether it still is one.
struct LearnedOwner {
  let host: UInt16
  let key: LearnedKey
  /// Whether the host sent nothing under the key for a while.
  let isIdle: Bool
}
