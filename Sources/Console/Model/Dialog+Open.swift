internal import Engine
internal import PAP

extension Dialog {
  /// What an action asks before it does anything; nil for actions that ask nothing.
  static func opening(_ action: ActionID, model: Model, by key: Key) -> Dialog? {
    let subject = model.subject
    let time = model.now.monotonic
    return switch action {
    case .validate: validate(subject, model.hostNames, by: key, at: time)
    case .invalidate: invalidate(subject, model.hostNames, by: key, at: time)
    case .revoke: revoke(subject, model.hostNames, by: key, at: time)
    case .lift: subject.target.map { lift($0, model, by: key, at: time) }
    case .suspend: subject.host.map { suspension(of: $0, model: model, by: key, at: time) }
    case .quit: quit(by: key, at: time)
    default: nil
    }
  }

  static func validate(
    _ subject: Subject, _ hosts: [String], by key: Key, at time: UInt64
  ) -> Dialog {
    let address = subject.target.flatMap { $0.prefixLength == 32 ? $0.short : nil } ?? ""
    let protocols = IPsecProtocol.allCases.map(\.name)
    let chosen = subject.ipsecProtocol?.name ?? bothProtocols
    return Dialog(
      .validate,
      fields: [
        .text(.address, "Address", address, hint: "of the peer"),
        .choice(.host, "For host", hosts, chosen: subject.host, hint: "Left Right choose"),
        .choice(.ipsecProtocol, "Protocol", protocols, chosen: chosen, hint: "Left Right choose"),
        .text(
          .spi, "Inbound SPI", subject.spi?.description ?? "", hint: "empty: any of the host's"),
        .text(.duration, "For", "", hint: "15m, 2h, 1d; empty: the default"),
      ], confirm: [Button(title: "Validate", outcome: .confirm)], by: key, at: time)
  }

  static func invalidate(
    _ subject: Subject, _ hosts: [String], by key: Key, at time: UInt64
  ) -> Dialog {
    Dialog(
      .invalidate,
      fields: [
        .text(.address, "Address", subject.target?.short ?? "", hint: "of the peer"),
        .choice(
          .host, "For host", [allHosts] + hosts, chosen: subject.host ?? allHosts,
          hint: "Left Right choose"),
        .text(
          .spi, "Inbound SPI", subject.spi?.description ?? "", hint: "empty: all of its entries"),
      ], confirm: [Button(title: "Invalidate", outcome: .confirm, isDangerous: true)], by: key,
      at: time)
  }

  static func revoke(
    _ subject: Subject, _ hosts: [String], by key: Key, at time: UInt64
  ) -> Dialog {
    Dialog(
      .revoke,
      fields: [
        .text(.target, "Address", subject.target?.short ?? "", hint: "or a prefix: 192.0.2.0/24"),
        .choice(.host, "For host", [allHosts] + hosts, chosen: allHosts, hint: "Left Right choose"),
        .text(.duration, "For", "", hint: "15m, 2h, 1d; empty: until lifted"),
        .text(.reason, "Reason", "", hint: "for the other operators"),
      ], confirm: [Button(title: "Revoke", outcome: .confirm, isDangerous: true)], by: key, at: time
    )
  }

  private static func lift(
    _ target: CIDR, _ model: Model, by key: Key, at time: UInt64
  ) -> Dialog {
    // A revocation for one host is another than that for all of the same address.
    var host: String?
    if model.view == .peers { host = model.subject.host }
    return Dialog(
      .lift(target, host: host), confirm: [Button(title: "Lift", outcome: .confirm)], by: key,
      at: time)
  }

  private static func suspension(
    of host: String, model: Model, by key: Key, at time: UInt64
  ) -> Dialog {
    let suspended = model.subject.isSuspended ?? model.isKnownSuspended(host)
    return suspended
      ? Dialog(
        .resume(host), confirm: [Button(title: "Resume", outcome: .confirm)], by: key, at: time)
      : Dialog(
        .suspend(host),
        confirm: [Button(title: "Suspend", outcome: .confirm, isDangerous: true)], by: key, at: time
      )
  }

  // Opened only by the console that was started with the engine: others just leave.
  private static func quit(by key: Key, at time: UInt64) -> Dialog {
    Dialog(
      .quit,
      confirm: [
        Button(title: "Leave it running", outcome: .leave),
        Button(title: "Stop the router", outcome: .stop, isDangerous: true),
      ], by: key, at: time)
  }
}

extension Model {
  /// Whether the hosts last listed have that one suspended.
  func isKnownSuspended(_ name: String) -> Bool {
    hosts.contains { $0.name == name && $0.state == "suspended" }
  }
}
