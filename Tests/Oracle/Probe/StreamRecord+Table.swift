internal import PAP

@testable import Engine

extension DataPathConfiguration {
  /// Reads a configuration record.
  init(_ record: StreamRecord) {
    let networks = Int(record.number(15, as: UInt8.self))
    self.init(
      externalAddress: record.address(0), tunnelEndpoint: record.address(4),
      insideNetworks: (0..<networks).map { index in
        CIDR(
          record.address(16 + 8 * index),
          prefixLength: Int(record.number(20 + 8 * index, as: UInt32.self)))
      },
      tunnelMTU: Int(record.number(8, as: UInt32.self)),
      hairpin: record.number(14, as: UInt8.self) != 0, ikeResponder: record.host(12))
  }
}

extension TableChange {
  /// Reads a change record.
  init(_ record: StreamRecord) {
    let prefix = CIDR(record.address(16), prefixLength: Int(record.number(3, as: UInt8.self)))
    let entry = EntryID(rawValue: record.number(12))
    switch record.number(0, as: UInt8.self) {
    case 1:
      self = .setHost(
        record.knownHost, insideAddress: record.address(16),
        suspended: record.number(2, as: UInt8.self) != 0)
    case 2: self = .removeHost(record.knownHost)
    case 3: self = .setSlot(record.slot, record.host(4))
    case 4: self = .setPorts(record.ports, record.host(4))
    case 5: self = .insertEntry(entry, record.knownHost, record.entry)
    case 6: self = .removeEntry(entry)
    case 7: self = .insertRevocation(prefix, record.host(4))
    case 8: self = .removeRevocation(prefix, record.host(4))
    case 9: self = .setClaim(record.claim, record.host(4))
    default: unknown("change")
    }
  }
}

extension StreamRecord {
  fileprivate func address(_ offset: Int) -> IPv4Address { IPv4Address(rawValue: number(offset)) }

  fileprivate func host(_ offset: Int) -> HostIndex? {
    let index: UInt16 = number(offset)
    return index == 0 ? nil : HostIndex(rawValue: index)
  }

  fileprivate var knownHost: HostIndex {
    guard let host = host(4) else { unknown("host") }
    return host
  }

  fileprivate var slot: Slot {
    guard let slot = Slot(rawValue: number(6)) else { unknown("slot") }
    return slot
  }

  fileprivate var ports: PortBlock {
    guard let block = PortBlock(first: number(8), count: number(10)) else { unknown("port block") }
    return block
  }

  fileprivate var entry: Entry {
    guard let ipsec = IPsecProtocol(rawValue: number(1)) else { unknown("protocol") }
    return Entry(
      address: address(16), ipsecProtocol: ipsec, spiIn: spi(20), spiOut: spi(24))
  }

  fileprivate var claim: SPI {
    guard let claim = spi(20) else { unknown("SPI") }
    return claim
  }

  private func spi(_ offset: Int) -> SPI? {
    let value: UInt32 = number(offset)
    return value == 0 ? nil : SPI(rawValue: value)
  }
}

/// Ends the program: the stream has what the router's table cannot be told.
private func unknown(_ what: String) -> Never { giveUp("the stream has an unknown \(what)") }
