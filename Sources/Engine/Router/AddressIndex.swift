internal import PAP

/// Finds the addresses of a prefix among those that have rows in the established SA table.
///
/// The lower halves of the addresses stand in order, one list for each upper half. Finding costs as
/// much as there is to be found, and for prefixes shorter than 16 bits the number of upper halves in
/// question. Adding and removing move at most 65,536 numbers, the later in the order the fewer.
struct AddressIndex: Sendable {
  private var networks: [UInt16: [UInt16]] = [:]

  /// Adds an address that is not there yet.
  mutating func insert(_ address: IPv4Address) {
    let (upper, lower) = address.halves
    let place = networks[upper]?.firstPlace(from: lower) ?? 0
    networks[upper, default: []].insert(lower, at: place)
  }

  /// Removes an address that is there.
  mutating func remove(_ address: IPv4Address) {
    let (upper, lower) = address.halves
    guard let network = networks.index(forKey: upper) else { return }
    networks.values[network].remove(at: networks.values[network].firstPlace(from: lower))
    if networks.values[network].isEmpty { networks.remove(at: network) }
  }

  /// The first prefix of 16 bits from an address on that holds addresses.
  ///
  /// Whoever goes through all of them looks at each of the 65,536 once.
  func nextPrefix(from address: IPv4Address) -> CIDR? {
    (address.halves.0...UInt16.max).first { networks[$0] != nil }.map {
      CIDR(IPv4Address(rawValue: UInt32($0) << 16), prefixLength: 16)
    }
  }

  /// The addresses in the prefix, in order.
  func addresses(in prefix: CIDR) -> [IPv4Address] {
    let first = prefix.address.rawValue
    let last = first | UInt32(truncatingIfNeeded: UInt64(UInt32.max) >> UInt64(prefix.prefixLength))
    let uppers = UInt16(first >> 16)...UInt16(last >> 16)
    // Whichever are fewer: the networks there may be, or those that there are.
    let present =
      uppers.count < networks.count
      ? uppers.filter { networks[$0] != nil } : networks.keys.filter(uppers.contains).sorted()
    return present.flatMap { upper -> [IPv4Address] in
      let lowers = networks[upper] ?? []
      let begin = upper == uppers.lowerBound ? lowers.firstPlace(from: UInt16(first & 0xffff)) : 0
      return lowers[begin...].prefix { UInt32(upper) << 16 | UInt32($0) <= last }
        .map { IPv4Address(rawValue: UInt32(upper) << 16 | UInt32($0)) }
    }
  }
}

extension IPv4Address {
  fileprivate var halves: (UInt16, UInt16) {
    (UInt16(rawValue >> 16), UInt16(truncatingIfNeeded: rawValue))
  }
}

extension [UInt16] {
  /// The place of the first number that is not below `bound`; the numbers stand in order.
  fileprivate func firstPlace(from bound: UInt16) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < bound { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
