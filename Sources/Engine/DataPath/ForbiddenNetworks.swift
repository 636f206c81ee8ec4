internal import PAP

/// The inside networks, which nobody reaches through the router.
///
/// Invariant: `count` pairs of network and mask, 8 octets each, written once by `init`.
@safe
struct ForbiddenNetworks: ~Copyable {
  private let memory: MappedMemory
  private let count: Int

  init(_ networks: [CIDR]) {
    count = networks.count
    memory = MappedMemory(byteCount: max(1, networks.count * 8))
    for (index, network) in networks.enumerated() {
      unsafe memory.base.setRelaxed32(index * 8, network.address.rawValue)
      unsafe memory.base.setRelaxed32(index * 8 + 4, network.mask)
    }
  }

  /// Whether one of the networks holds the address.
  ///
  /// O(networks), of which there are few.
  @inline(__always)
  func contains(_ address: UInt32) -> Bool {
    for index in 0..<count {
      let offset = index &* 8
      if unsafe address & memory.base.relaxed32(offset + 4) == memory.base.relaxed32(offset) {
        return true
      }
    }
    return false
  }
}
