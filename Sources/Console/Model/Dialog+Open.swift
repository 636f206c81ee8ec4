internal import Engine
internal import PAP

extension Dialog {
  /// What an action asks before it does anything; nil for actions that ask nothing.
  static func opening(_ action: ActionID, model: Model, by key: Key) -> Dialog? {
    let time = model.now.monotonic
    return switch action {
    case .undo: model.undoable.map { undo($0.number, $0.summary, by: key, at: time) }
    case .lock: unlock(by: key, at: time)
    case .quit: quit(by: key, at: time)
    case .export: export(model, by: key)
    default: acting(action, on: model.subjectRow, model, by: key)
    }
  }

  /// What an acting key asks about one row, or about none.
  static func acting(
    _ action: ActionID, on row: Row?, _ model: Model, by key: Key
  ) -> Dialog? {
    let subject = row?.subject ?? Subject()
    let time = model.now.monotonic
    let opened: Dialog? =
      switch action {
      case .validate: validate(subject, model.hostNames, by: key, at: time)
      case .invalidate: invalidate(subject, model.hostNames, by: key, at: time)
      case .revoke: revoke(subject, model.hostNames, by: key, at: time)
      case .lift: subject.target.map { lift($0, host(of: row), by: key, at: time) }
      case .suspend: subject.host.map { suspension(of: $0, subject, model, by: key, at: time) }
      default: nil
      }
    guard var dialog = opened?.asking(why: model.reason) else { return nil }
    // What is to be validated is nearly always still to be filled in.
    guard action != .validate, let command = try? dialog.command() else { return dialog }
    dialog.form = .line
    if let row, command.isAbout(row) { dialog.bound = (command.object, row.generation) }
    return dialog
  }

  /// The dialog with a field for the reason.
  func asking(why reason: String?) -> Dialog {
    var dialog = self
    dialog.fields.append(.text(.reason, "Reason", reason ?? "", hint: Field.reasonHint))
    dialog.focus = dialog.fields.count
    return dialog
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
      ], confirm: [Button(title: "Revoke", outcome: .confirm, isDangerous: true)], by: key, at: time
    )
  }

  // A revocation for one host is another than that for all of the same address.
  private static func host(of row: Row?) -> String? {
    if case .peer(let row)? = row { row.hosts.first } else { nil }
  }

  private static func lift(
    _ target: CIDR, _ host: String?, by key: Key, at time: UInt64
  ) -> Dialog {
    Dialog(
      .lift(target, host: host), confirm: [Button(title: "Lift", outcome: .confirm)], by: key,
      at: time)
  }

  private static func suspension(
    of host: String, _ subject: Subject, _ model: Model, by key: Key, at time: UInt64
  ) -> Dialog {
    let suspended = subject.isSuspended ?? model.isKnownSuspended(host)
    return suspended
      ? Dialog(
        .resume(host), confirm: [Button(title: "Resume", outcome: .confirm)], by: key, at: time)
      : Dialog(
        .suspend(host),
        confirm: [Button(title: "Suspend", outcome: .confirm, isDangerous: true)], by: key, at: time
      )
  }

  /// What an acting key asks about the marked rows, once the router has said how they are.
  static func marked(_ action: ActionID, _ model: Model, by key: Key) -> Dialog {
    var fields: [Field] = []
    if action == .revoke || action == .validate {
      let end = action == .revoke ? "until lifted" : "the default"
      fields.append(.text(.duration, "For", "", hint: "15m, 2h, 1d; empty: \(end)"))
    }
    fields.append(.text(.reason, "Reason", model.reason ?? "", hint: Field.reasonHint))
    let verb = Action.named(action)?.hint ?? ""
    var dialog = Dialog(
      .marked(action), fields: fields,
      confirm: [
        Button(
          title: verb.prefix(1).uppercased() + verb.dropFirst(), outcome: .confirm,
          isDangerous: action != .validate && action != .lift)
      ], by: key, at: model.now.monotonic)
    dialog.form = .line
    return dialog
  }

  /// What undoing the action of that number asks.
  static func undo(_ number: Int64, _ summary: String, by key: Key, at time: UInt64) -> Dialog {
    var dialog = Dialog(
      .undo(number, summary), confirm: [Button(title: "Undo", outcome: .confirm)], by: key,
      at: time)
    dialog.form = .line
    return dialog
  }

  private static func unlock(by key: Key, at time: UInt64) -> Dialog {
    var dialog = Dialog(
      .unlock, confirm: [Button(title: "Unlock", outcome: .confirm)], by: key, at: time)
    dialog.form = .line
    return dialog
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
