/// Why a packet was dropped.
///
/// The names are a contract: the same strings stand on the screen, in the log, in JSON and in the
/// documentation (design.md, section 3.3).
public enum DropReason: UInt8, CaseIterable, Sendable, BitwiseCopyable {
  case malformed
  case ipOptions
  case unsupportedProtocol
  case spiReserved
  case spiNotLeased
  case addressNotValidated
  case addressRevoked
  case hostSuspended
  case ikeNoOwner
  case ikeRateLimited
  case portNotLeased
  case icmpNoOwner
  case icmpRateLimited
  case fragmentInvalid
  case fragmentTimeout
  case fragmentOverflow
  case ttlExpired
  case tooBig
  case tunnelUnknownHost
  case tunnelNested
  case sourceNotExternal
  case destinationForbidden
  case portNotOwned
  case ikeSPINotOwned
  case ecnInvalid
  case hairpinDisabled
  case writeFailed

  /// The name in the contract.
  public var name: String { Self.names[Int(rawValue)] }

  /// The reason of that name, or nil.
  public init?(name: some StringProtocol) {
    guard let index = Self.names.firstIndex(where: { $0 == name }),
      let reason = DropReason(rawValue: UInt8(index))
    else { return nil }
    self = reason
  }

  // In the order of the cases.
  private static let names = [
    "malformed", "ip-options", "unsupported-protocol", "spi-reserved", "spi-not-leased",
    "address-not-validated", "address-revoked", "host-suspended", "ike-no-owner",
    "ike-rate-limited", "port-not-leased", "icmp-no-owner", "icmp-rate-limited",
    "fragment-invalid", "fragment-timeout", "fragment-overflow", "ttl-expired", "too-big",
    "tunnel-unknown-host", "tunnel-nested", "source-not-external", "destination-forbidden",
    "port-not-owned", "ike-spi-not-owned", "ecn-invalid", "hairpin-disabled", "write-failed",
  ]
}

extension DropReason {
  /// Whether a packet that was dropped for it on its way shows that its host breaks the rules for what
  /// hosts send (docs/data-path.md): not what may befall anybody's packets.
  package func isViolation(_ direction: Direction) -> Bool {
    guard direction == .outbound else { return false }
    switch self {
    case .malformed, .ipOptions, .unsupportedProtocol, .fragmentInvalid, .tunnelNested,
      .sourceNotExternal, .destinationForbidden, .portNotOwned, .ikeSPINotOwned, .ecnInvalid,
      .icmpNoOwner, .hairpinDisabled:
      return true
    default: return false
    }
  }
}

extension DropReason: CustomStringConvertible {
  /// The name in the contract.
  public var description: String { name }
}

/// Which way a packet was going.
public enum Direction: UInt8, Sendable, Codable {
  /// From outside to an inside host.
  case inbound
  /// From an inside host to outside.
  case outbound

  /// `inbound` or `outbound`.
  public var name: String { self == .inbound ? "inbound" : "outbound" }
}
