internal import PAP

/// What a request asks of the router.
enum RequestKind: Equatable, Sendable {
  case leaseSPIs
  case leasePorts
  /// Validate entries that should be there.
  case validate([Entry])
  /// Invalidate entries that should not be there.
  case invalidate([Entry])
  /// One entry by hand.
  case command(AgentCommand)
  /// One part of the whole set.
  case synchronize([Entry], index: UInt16, total: UInt16)
  /// One SPI outside of the slot.
  case claim(SPI)
  case giveBackClaim(SPI)
  case giveBackSPIs(Slot)
  case giveBackPorts(PortBlock)

  /// The request for a command.
  init(_ command: AgentCommand) {
    self = .command(command)
  }

  /// The message's type.
  var type: MessageType {
    switch self {
    case .leaseSPIs, .claim: .securityRequest
    case .leasePorts: .portRequest
    case .validate: .addressValidate
    case .invalidate: .addressInvalidate
    case .command(let command):
      command.action == .validate ? .addressValidate : .addressInvalidate
    case .synchronize: .synchronize
    case .giveBackSPIs, .giveBackClaim: .securityInvalidate
    case .giveBackPorts: .portInvalidate
    }
  }
}
