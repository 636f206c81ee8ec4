import PAP
import Testing

@testable import Engine

/// Addresses by prefix, against a list that is searched from end to end.
@Suite struct AddressIndexTests {
  @Test("finds what a list finds, whatever came and went", arguments: 1...4)
  func agreement(_ number: Int) {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededRandom(seed: seed)
    var index = AddressIndex()
    var list: Set<IPv4Address> = []
    for step in 0..<2000 {
      let address = Self.address(using: &random)
      if list.contains(address) {
        index.remove(address)
        list.remove(address)
      } else {
        index.insert(address)
        list.insert(address)
      }
      let length = [0, 1, 8, 15, 16, 17, 24, 30, 32].randomElement(using: &random) ?? 0
      let prefix = CIDR(Self.address(using: &random), prefixLength: length)
      if index.addresses(in: prefix) != list.filter(prefix.contains).sorted() {
        Issue.record("\(prefix) in step \(step), seed \(seed)")
        return
      }
    }
  }

  /// One of few networks, the ends of the address space among them.
  private static func address(using random: inout SeededRandom) -> IPv4Address {
    let upper: UInt32 =
      [0, 0xc000, 0xc001, 0xc0ff, 0x0a00, 0xffff].randomElement(using: &random) ?? 0
    let lower: UInt32 = [0, 1, 2, 0xff, 0x100, 0x7fff, 0xffff].randomElement(using: &random) ?? 0
    return IPv4Address(rawValue: upper << 16 | lower)
  }
}
