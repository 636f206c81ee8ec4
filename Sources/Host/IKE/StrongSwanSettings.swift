internal import PAP

/// The strongSwan settings that confine charon to what the router leased.
///
/// Seen on charon 5.9.8: it draws inbound SPIs at random from `spi_min` to `spi_max`; of each IKE
/// SPI of its own it replaces the bits of `spi_mask` by those of `spi_label`, both 64-bit numbers
/// whose highest bits go first on the wire. The range counts as soon as it reads its settings again,
/// the label and the ports only once it is started again.
struct StrongSwanSettings: Equatable, Sendable {
  /// The leased slot.
  var slot: Slot
  /// The IKE label that the router gave with it.
  var label: IKELabel

  /// A file for `/etc/strongswan.d`, or any that `strongswan.conf` includes at its top level.
  ///
  /// The router tells hosts apart by the label, so all of them may use the usual two ports.
  var text: String {
    """
    # Written by dnat-host for the leased slot \(slot). Changes are lost.
    charon {
      spi_min = \(slot.firstSPI)
      spi_max = \(slot.lastSPI)
      spi_label = \(label.label.hexadecimalText)
      spi_mask = \(label.mask.hexadecimalText)
      port = 500
      port_nat_t = 4500
    }

    """
  }
}

extension UInt64 {
  /// `0x` and 16 lower-case hexadecimal digits.
  fileprivate var hexadecimalText: String {
    let digits = String(self, radix: 16)
    return "0x" + String(repeating: "0", count: 16 - digits.count) + digits
  }
}
