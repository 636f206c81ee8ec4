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
  case giveBackSPIs(Slot)
  case giveBackPorts(PortBlock)

  /// The request for a command.
  init(_ command: AgentCommand) {
    self = .command(command)
  }

  /// The message's type.
  var type: MessageType {
    switch self {
    case .leaseSPIs: .securityRequest
    case .leasePorts: .portRequest
    case .validate: .addressValidate
    case .invalidate: .addressInvalidate
    case .command(let command):
      command.action == .validate ? .addressValidate : .addressInvalidate
    case .giveBackSPIs: .securityInvalidate
    case .giveBackPorts: .portInvalidate
    }
  }
}
