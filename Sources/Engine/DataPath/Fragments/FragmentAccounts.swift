/// What the memory for fragments is charged to: each source and each host has an account with a
/// share, so that none takes it all.
///
/// A host has an account of its own. Sources share 4,096 by a secret hash, so nobody can aim at the
/// account of another.
struct FragmentAccounts: ~Copyable {
  private let accounts: MappedArray<Account>
  private let limits: FragmentLimits
  private static let sources = 4096

  /// The number of an account.
  struct ID: Equatable {
    fileprivate let index: UInt32

    static func host(_ host: UInt16) -> ID { ID(index: UInt32(sources) + UInt32(host)) }

    static func source(_ address: UInt32, seed: UInt64) -> ID {
      let product = (UInt64(address) ^ seed).multipliedFullWidth(by: seed.byteSwapped | 1)
      return ID(index: UInt32((product.high ^ product.low) % UInt64(sources)))
    }
  }

  private struct Account {
    var packets: UInt16 = 0
    var chunks: UInt16 = 0
  }

  init(_ limits: FragmentLimits) {
    self.limits = limits
    accounts = MappedArray(repeating: Account(), count: Self.sources + 65_536)
  }

  /// Charges one packet; false if the share is used up.
  func addPacket(_ id: ID) -> Bool {
    let used = Int(accounts[Int(id.index)].packets)
    guard used < limits.packetsOfOne else { return false }
    accounts[Int(id.index)].packets += 1
    return true
  }

  func removePacket(_ id: ID) { accounts[Int(id.index)].packets -= 1 }

  /// Charges the memory of one fragment that waits; false if the share is used up.
  func add(chunks: Int, _ id: ID) -> Bool {
    let used = Int(accounts[Int(id.index)].chunks)
    guard used + chunks <= limits.chunksOfOne else { return false }
    accounts[Int(id.index)].chunks += UInt16(chunks)
    return true
  }

  func remove(chunks: Int, _ id: ID) { accounts[Int(id.index)].chunks -= UInt16(chunks) }
}
