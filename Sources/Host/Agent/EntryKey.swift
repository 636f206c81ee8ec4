internal import PAP

/// What tells a host's entries in the established SA table apart (pap.md, section 5).
struct EntryKey: Hashable, Sendable {
  /// The peer's address.
  var address: IPv4Address
  /// The protocol that the entry admits.
  var ipsecProtocol: IPsecProtocol
  /// The host's own SPI, or nil for every SPI that it holds.
  var spiIn: SPI?

  /// Makes a key.
  init(_ address: IPv4Address, _ ipsecProtocol: IPsecProtocol, _ spiIn: SPI?) {
    self.address = address
    self.ipsecProtocol = ipsecProtocol
    self.spiIn = spiIn
  }

  /// The key of an entry.
  init(_ entry: Entry) {
    self.init(entry.address, entry.ipsecProtocol, entry.spiIn)
  }

  /// The entry of that key, with the peer's SPI where it is known.
  func entry(spiOut: SPI?) -> Entry {
    Entry(address: address, ipsecProtocol: ipsecProtocol, spiIn: spiIn, spiOut: spiOut)
  }

  /// Whether the router certainly removes an entry of key `other` when told to invalidate this one.
  ///
  /// Without an SPI that is every entry for the address and protocol, where `any` stands for both.
  func invalidates(_ other: EntryKey) -> Bool {
    guard spiIn == nil, address == other.address else { return self == other }
    return ipsecProtocol == .any || ipsecProtocol == other.ipsecProtocol
  }

  /// Whether the router might remove `other` too, as pap.md leaves open what a protocol says about
  /// an entry for both protocols.
  func mayInvalidate(_ other: EntryKey) -> Bool {
    address == other.address && (spiIn == nil || spiIn == other.spiIn)
      && (ipsecProtocol == .any || other.ipsecProtocol == .any
        || ipsecProtocol == other.ipsecProtocol)
  }
}
