/// How a request ended (pap.md, section 6).
package enum ResultCode: UInt8, Hashable, Sendable, CaseIterable {
  /// Done.
  case success = 0
  /// The router speaks another version, the one it answers in.
  case unsupportedVersion = 1
  /// No tag, a wrong one, or an unknown key.
  case notAuthenticated = 2
  /// Lengths, padding or order are wrong, or an option is missing.
  case malformed = 3
  /// The router does not know the message's type.
  case unsupportedType = 4
  /// The router does not know an option that must be understood.
  case unsupportedOption = 5
  /// Nothing is left to lease.
  case noResources = 6
  /// The host has reached its limit.
  case quotaExceeded = 7
  /// The SPI, port or lease is not this host's.
  case notYours = 8
  /// The operator revoked the address, or suspended the host.
  case prohibited = 9
  /// The session is unknown: say hello again.
  case noSession = 10
  /// A claimed SPI lies in somebody's slot, or is claimed already.
  case inUse = 11
  /// The address can be nobody's outside peer.
  case unacceptableAddress = 12
  /// Too many requests.
  case rateLimited = 13
  /// The sequence was seen before.
  case replayed = 14

  /// The name that pap.md gives the code.
  package var name: String {
    switch self {
    case .success: "success"
    case .unsupportedVersion: "unsupported-version"
    case .notAuthenticated: "not-authenticated"
    case .malformed: "malformed"
    case .unsupportedType: "unsupported-type"
    case .unsupportedOption: "unsupported-option"
    case .noResources: "no-resources"
    case .quotaExceeded: "quota-exceeded"
    case .notYours: "not-yours"
    case .prohibited: "prohibited"
    case .noSession: "no-session"
    case .inUse: "in-use"
    case .unacceptableAddress: "unacceptable-address"
    case .rateLimited: "rate-limited"
    case .replayed: "replayed"
    }
  }

  /// Whether a response of this code may come without a tag (pap.md, section 7, rule 6).
  package var mayBeUntagged: Bool {
    switch self {
    case .unsupportedVersion, .notAuthenticated, .malformed, .noSession, .rateLimited: true
    default: false
    }
  }
}

extension ResultCode: CustomStringConvertible {
  /// The name.
  package var description: String { name }
}
