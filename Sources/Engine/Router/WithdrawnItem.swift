package import PAP

/// Something that a host had and that was taken from it.
package enum WithdrawnItem: Hashable, Sendable {
  case entry(Entry)
  case slot(Slot)
  case claim(SPI)
  case ports(PortBlock)

  /// The thing as an option of a message.
  var option: Message.Option {
    switch self {
    case .entry(let entry): .invalidAddress(entry)
    case .slot(let slot): .spis(first: slot.firstSPI.rawValue, count: Slot.spiCount)
    case .claim(let spi): .spis(first: spi.rawValue, count: 1)
    case .ports(let block): .ports(first: block.first, count: block.count)
    }
  }
}
