/// What a message asks for or tells (pap.md, section 1).
///
/// A response has the type of its request.
package enum MessageType: UInt8, Hashable, Sendable, CaseIterable {
  /// Asks for a block of ports, or refreshes it.
  case portRequest = 1
  /// Gives the block of ports back.
  case portInvalidate = 2
  /// Asks for a slot of SPIs, refreshes it, or claims one SPI.
  case securityRequest = 3
  /// Gives the slot or a claimed SPI back.
  case securityInvalidate = 4
  /// Validates external addresses.
  case addressValidate = 5
  /// Invalidates external addresses.
  case addressInvalidate = 6
  /// Replaces the host's whole set of validated addresses.
  case synchronize = 7
  /// Opens a session.
  case hello = 8
  /// From the router: it restarted, or its epoch changed. Has no response.
  case announce = 9
  /// From the router: the operator took entries or leases away.
  case withdrawNotice = 10

  /// The name that pap.md gives the type.
  package var name: String {
    switch self {
    case .portRequest: "port-request"
    case .portInvalidate: "port-invalidate"
    case .securityRequest: "security-request"
    case .securityInvalidate: "security-invalidate"
    case .addressValidate: "address-validate"
    case .addressInvalidate: "address-invalidate"
    case .synchronize: "synchronize"
    case .hello: "hello"
    case .announce: "announce"
    case .withdrawNotice: "withdraw-notice"
    }
  }

  /// Whether the type has a response; only `announce` has none.
  package var hasResponse: Bool { self != .announce }
}

extension MessageType: CustomStringConvertible {
  /// The name.
  package var description: String { name }
}
