/// A verb that says what is to become of hosts, entries and revocations, as an order to the router's
/// state.
struct OrderRequest {
  /// Commands of one request.
  static let mostCommands = 10_000
  /// Seconds for which something may be provisional.
  private static let provisions = 1...Int64(ActionLog.patience)

  let order: Order
  /// What the client calls itself.
  let client: String
  /// Why, for all commands of a batch.
  let reason: String?
  let isBatch: Bool

  /// Reads the arguments of a verb, which is an order; the end of the connection ends what is
  /// provisional.
  init(
    _ verb: Verb, _ arguments: ControlArguments, _ user: ControlUser, connection: UInt64? = nil
  ) throws(ControlError) {
    var arguments = arguments
    let actor = try user.actor(&arguments)
    client = try arguments.remark("via") ?? ""
    let provision = try arguments.number("provisional", in: Self.provisions).map {
      Order.Provision(seconds: UInt32($0), connection: connection)
    }
    isBatch = verb == .batch
    let items: [Order.Item]
    if isBatch {
      reason = try arguments.remark("reason")
      items = try Self.items(&arguments, actor.signature, reason)
    } else {
      reason = nil
      items = [Order.Item(try Self.command(verb, &arguments, actor.signature, nil))]
    }
    try arguments.refuseOthers()
    order = Order(items, by: actor, provision: provision)
  }

  private static func items(
    _ arguments: inout ControlArguments, _ by: String, _ reason: String?
  ) throws(ControlError) -> [Order.Item] {
    let wanted = "an array of 1 to \(mostCommands) commands"
    let values = try arguments.required("commands", wanted) { value in
      if case .array(let elements) = value, (1...mostCommands).contains(elements.count) {
        elements
      } else {
        nil
      }
    }
    var items: [Order.Item] = []
    for (place, value) in values.enumerated() {
      do throws(ControlError) {
        items.append(try item(value, by, reason))
      } catch {
        throw ControlError(.badArgument, "command \(place + 1): \(error.message)")
      }
    }
    return items
  }

  private static func item(
    _ value: JSONValue, _ by: String, _ reason: String?
  ) throws(ControlError) -> Order.Item {
    guard case .object(let members) = value else {
      throw ControlError(.badArgument, "\(value.described), must be an object with a verb")
    }
    var outer = ControlArguments(members)
    let verb = try outer.required("verb", "a verb that orders something") { value in
      value.string.flatMap(Verb.init(rawValue:)).flatMap { $0.isOrder && $0 != .batch ? $0 : nil }
    }
    let generation = try outer.number("generation", in: 0...Int64.max).map { UInt64($0) }
    var inner = ControlArguments(try outer.object("arguments"))
    try outer.refuseOthers()
    let command = try command(verb, &inner, by, reason)
    try inner.refuseOthers()
    return Order.Item(command, generation: generation)
  }

  private static func command(
    _ verb: Verb, _ arguments: inout ControlArguments, _ by: String, _ reason: String?
  ) throws(ControlError) -> OperatorCommand {
    switch verb {
    case .validate:
      .validate(
        try arguments.address("address"), host: try arguments.host(),
        protocol: try arguments.ipsecProtocol("protocol"), spi: try arguments.spi("spi"),
        seconds: try arguments.seconds("for"))
    case .invalidate:
      .invalidate(
        try arguments.address("address"), host: try arguments.optionalHost(),
        spi: try arguments.spi("spi"))
    case .revoke:
      .revoke(
        try arguments.prefix("target"), host: try arguments.optionalHost(),
        seconds: try arguments.seconds("for"), reason: try arguments.remark("reason") ?? reason,
        by: by)
    case .unrevoke:
      .unrevoke(try arguments.prefix("target"), host: try arguments.optionalHost())
    case .suspend: .suspend(host: try arguments.host())
    case .resume: .resume(host: try arguments.host())
    default: throw ControlError(.badRequest, "\(verb.rawValue) is no command")
    }
  }
}

extension ControlUser {
  /// The user, with where it sits if the client says so.
  ///
  /// Number and name are the kernel's word, the place the client's.
  func actor(_ arguments: inout ControlArguments) throws(ControlError) -> AuditActor {
    AuditActor(userID: userID, name: name, source: try arguments.remark("source"))
  }
}
