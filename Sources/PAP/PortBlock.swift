/// A block of UDP and TCP ports leased to a host: its size is a power of two, at least 1024, and
/// its first port a multiple of the size (pap.md, section 5).
public struct PortBlock: Hashable, Sendable {
  /// The least number of ports in a block, which is also the grain of the router's port table.
  public static let leastCount: UInt16 = 1024

  /// The lowest port of the block.
  public let first: UInt16
  /// The number of ports, 1,024 to 32,768.
  public let count: UInt16

  /// Makes a block; nil where size or alignment break the rule above.
  public init?(first: UInt16, count: UInt16) {
    guard count >= Self.leastCount, count & (count - 1) == 0, first % count == 0 else { return nil }
    self.first = first
    self.count = count
  }

  /// The highest port of the block; never past 65,535, since the block is aligned.
  public var last: UInt16 { first | (count - 1) }

  /// Whether the port lies in the block.
  public func contains(_ port: UInt16) -> Bool { port & ~(count - 1) == first }
}

extension PortBlock: CustomStringConvertible {
  /// `FIRST-LAST`.
  public var description: String { "\(first)-\(last)" }
}
