internal import PAP

/// What is wrong with what was filled in.
struct FieldProblem: Error, Equatable, Sendable {
  var field: Field.Name
  var message: String
}

extension Dialog {
  /// The words of a choice of hosts that means every host.
  static let allHosts = "all hosts"
  /// The word of a choice of protocols that means both.
  static let bothProtocols = "any"

  /// The command that the fields make; nil for a dialog that is about none.
  func command() throws(FieldProblem) -> Command? {
    switch purpose {
    case .validate:
      return .validate(
        try address(), host: try host(),
        ipsecProtocol: IPsecProtocol(name: value(.ipsecProtocol)) ?? .any, spi: try spi(),
        seconds: try seconds())
    case .invalidate: return .invalidate(try address(), host: anyHost, spi: try spi())
    case .revoke:
      return .revoke(
        try target(), host: anyHost, seconds: try seconds(), reason: try reason())
    case .lift(let target, let host): return .lift(target, host: host)
    case .suspend(let host): return .suspend(host: host)
    case .resume(let host): return .resume(host: host)
    case .reload: return .reload(reason: nil)
    case .marked:
      let seconds = try seconds()
      return plan.flatMap { $0.chosen.isEmpty ? nil : .batch($0.batch(seconds: seconds)) }
    case .undo, .unlock, .export, .quit: return nil
    }
  }

  private func address() throws(FieldProblem) -> IPv4Address {
    let text = value(.address)
    if let address = IPv4Address(text) { return address }
    throw FieldProblem(
      field: .address,
      message: text.isEmpty ? "an address is needed" : "'\(text)' is not an IPv4 address")
  }

  private func target() throws(FieldProblem) -> CIDR {
    let text = value(.target)
    if let target = CIDR(text) { return target }
    throw FieldProblem(
      field: .target,
      message: text.isEmpty
        ? "an address or prefix is needed" : "'\(text)' is not an IPv4 address or prefix")
  }

  private func host() throws(FieldProblem) -> String {
    let text = value(.host)
    if !text.isEmpty { return text }
    throw FieldProblem(field: .host, message: "a host is needed")
  }

  private var anyHost: String? {
    let text = value(.host)
    return text == Self.allHosts || text.isEmpty ? nil : text
  }

  private func spi() throws(FieldProblem) -> SPI? {
    let text = value(.spi)
    if text.isEmpty { return nil }
    if let spi = SPI(text), !spi.isReserved { return spi }
    throw FieldProblem(field: .spi, message: "'\(text)' is not an SPI of 0x100 or more")
  }

  private func reason() throws(FieldProblem) -> String? {
    let text = value(.reason)
    if let fault = Reason.fault(in: text) { throw FieldProblem(field: .reason, message: fault) }
    return text.isEmpty ? nil : text
  }

  private func seconds() throws(FieldProblem) -> Int? {
    let text = value(.duration)
    if text.isEmpty { return nil }
    if let seconds = Span(argument: text)?.seconds { return Int(seconds) }
    throw FieldProblem(
      field: .duration, message: "'\(text)' is no duration: write 90s, 15m, 2h or 1d")
  }
}

// What is asked before a command is sent.
extension Dialog {
  /// The command as it is to be sent, once everything that its tier asks for is there.
  ///
  /// - Throws: what is missing, or is not as it must be.
  func confirmed(_ command: Command, router: String) throws(FieldProblem) -> Command {
    guard case .success(let explanation)? = explained?.result, let tier else {
      throw FieldProblem(field: .reason, message: "the router has not said what this does")
    }
    let reason = try reason()
    if tier >= .list {
      if reason == nil {
        throw FieldProblem(field: .reason, message: "a reason is required for this")
      }
      try compare(.count, with: "\(counted(explanation))")
    }
    if tier == .router { try compare(.router, with: router) }
    let generation = bound?.object == command.object ? bound?.generation : nil
    return command.with(reason: reason).bound(to: generation, reason: reason)
  }

  private func compare(_ field: Field.Name, with wanted: String) throws(FieldProblem) {
    let text = value(field)
    if text == wanted { return }
    throw FieldProblem(
      field: field,
      message: text.isEmpty ? "type \(wanted) to confirm" : "'\(text)' is not \(wanted)")
  }

  /// What the operator counts: the objects chosen, or the entries that a command for one takes away.
  func counted(_ explanation: Explanation) -> Int {
    plan.map { max(0, $0.chosen.count - explanation.leftOut) } ?? explanation.entries
  }

  /// Takes in what the router said, and asks for what that calls for.
  mutating func learn(
    _ command: Command, _ result: Result<Explanation, ExplanationFailure>, router: String
  ) {
    explained = (command, result)
    guard case .success(let explanation) = result, let tier else { return }
    let count = counted(explanation)
    let noun = plan == nil ? "entries concerned" : "objects chosen"
    require(.count, tier >= .list, "Count", hint: "type \(count), the \(noun)")
    require(.router, tier == .router, "Router", hint: "type \(router), this router")
    guard let index = fields.firstIndex(where: { $0.name == .reason }) else { return }
    fields[index].hint = tier >= .list ? "required, for the audit log" : Field.reasonHint
  }

  // The focus stays where it is, whatever comes before it.
  private mutating func require(_ name: Field.Name, _ isWanted: Bool, _ label: String, hint: String)
  {
    let index = fields.firstIndex { $0.name == name }
    switch (index, isWanted) {
    case (nil, true):
      if focus >= fields.count { focus += 1 }
      fields.append(.text(name, label, "", hint: hint))
    case (let index?, true): fields[index].hint = hint
    case (let index?, false):
      fields.remove(at: index)
      if focus > index { focus -= 1 }
    case (nil, false): break
    }
  }
}
