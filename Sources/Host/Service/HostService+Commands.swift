internal import Net
internal import PAP

// The socket for people.
extension HostService {
  /// Seconds for which somebody who validates by hand waits for the router.
  private static let patience = 5.0

  /// Answers a request, at once or when the router has.
  func serve(_ request: AgentRequest, _ connection: StatusServer.Connection) {
    switch request.verb {
    case .status: connection.answer(request, report())
    case .strongswanConfig:
      guard let settings else {
        return connection.refuse(request.id, "no-lease", "nothing is leased yet")
      }
      connection.answer(request, settings.text)
    case .validate: command(.validate, request, connection)
    case .invalidate: command(.invalidate, request, connection)
    }
  }

  private func command(
    _ action: AgentCommand.Action, _ request: AgentRequest, _ connection: StatusServer.Connection
  ) {
    guard connection.mayAct else {
      return connection.refuse(request.id, "not-permitted", "only root may change validations")
    }
    guard let entry = request.arguments?.entry else {
      return connection.refuse(request.id, "bad-request", "an address is needed")
    }
    lastToken += 1
    let token = lastToken
    waiting[token] = { [unowned self] code in
      switch code {
      case .success?: connection.answer(request, "\(action)d \(entry.text)")
      case let answer?:
        let code = entry.spiIn.flatMap { agent.claims.refusal(of: $0) } ?? answer
        // Nobody is to be surprised later by what was refused now.
        if action == .validate {
          sources.withdraw(entry)
          manualEntriesChanged()
        }
        connection.refuse(request.id, code.name, "the router says \(code)")
      case nil: connection.refuse(request.id, "stopping", "the agent stops")
      }
    }
    reactor.after(Self.patience) { [unowned self] in
      guard waiting.removeValue(forKey: token) != nil else { return }
      connection.refuse(request.id, "no-answer", "the router has not answered; it is asked again")
    }
    let ordered = AgentCommand(action: action, entry: entry, token: token)
    switch action {
    case .validate:
      sources.validate(entry)
      // First, since an SPI outside of the slot must be claimed before it can be validated.
      manualEntriesChanged()
      step(.command(ordered))
    case .invalidate:
      sources.invalidate(entry)
      step(.command(ordered))
      manualEntriesChanged()
    }
  }
}
