package import Configuration

/// Turns the requests of control clients into answers.
///
/// Used on the control thread. What needs the connection itself, `subscribe`, is `ControlServer`'s.
package final class RequestHandler {
  let core: EngineCore
  let orders = OrderCache()
  /// The clients with subscriptions.
  var subscribers: () -> [Subscriber] = { [] }
  /// Called when a client wants the engine to end.
  package var stop: () -> Void = {}
  /// Has the engine read its configuration again.
  package var reload: (ReloadRequest) throws(ControlError) -> ConfigurationDifference = {
    _ throws(ControlError) in
    throw ControlError(.badConfiguration, "this engine has no configuration file")
  }
  /// What that would change.
  package var reloadDifference: () throws(ControlError) -> ConfigurationDifference = {
    () throws(ControlError) in
    throw ControlError(.badConfiguration, "this engine has no configuration file")
  }
  /// Whether the engine is on its way out.
  var isStopping = false

  package init(core: EngineCore) {
    self.core = core
  }

  /// The result of a request; what it asks for provisionally ends with the connection.
  package func answer(
    _ request: ControlRequest, for user: ControlUser, on connection: UInt64? = nil
  ) throws(ControlError) -> ControlAnswer {
    guard let verb = Verb(rawValue: request.verb) else {
      throw ControlError(.unknownVerb, "there is no verb '\(request.verb.prefix(64))'")
    }
    if verb.isForOperators, user.role != .operator {
      throw ControlError(.notPermitted, "\(user.name) may look, but not \(verb.rawValue)")
    }
    let arguments = ControlArguments(request.arguments)
    return verb.acts
      ? try act(verb, arguments, user, connection) : try look(verb, arguments, user, connection)
  }
}
