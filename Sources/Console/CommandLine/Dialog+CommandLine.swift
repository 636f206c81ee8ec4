internal import PAP

extension Dialog {
  /// What is asked before a command is given that was written in full.
  ///
  /// Nothing is left to be filled in, so it begins as a question of one line.
  static func opening(_ command: Command, model: Model, by key: Key) -> Dialog? {
    var reason = model.reason
    if case .revoke(_, _, _, let written?) = command { reason = written }
    guard var dialog = filled(command, model, by: key)?.asking(why: reason) else { return nil }
    dialog.form = .line
    return dialog
  }

  private static func filled(_ command: Command, _ model: Model, by key: Key) -> Dialog? {
    let time = model.now.monotonic
    let hosts = model.hostNames
    switch command {
    case .validate(let address, let host, let ipsecProtocol, let spi, let seconds):
      var dialog = validate(Subject(), hosts, by: key, at: time)
      dialog.fill(.address, address.description)
      dialog.fill(.host, host)
      dialog.fill(.ipsecProtocol, ipsecProtocol.name)
      dialog.fill(.spi, spi?.description ?? "")
      dialog.fill(.duration, seconds.map { "\($0)s" } ?? "")
      return dialog
    case .invalidate(let address, let host, let spi):
      var dialog = invalidate(Subject(), hosts, by: key, at: time)
      dialog.fill(.address, address.description)
      dialog.fill(.host, host ?? allHosts)
      dialog.fill(.spi, spi?.description ?? "")
      return dialog
    case .revoke(let target, let host, let seconds, _):
      var dialog = revoke(Subject(), hosts, by: key, at: time)
      dialog.fill(.target, target.short)
      dialog.fill(.host, host ?? allHosts)
      dialog.fill(.duration, seconds.map { "\($0)s" } ?? "")
      return dialog
    case .lift(let target, let host):
      return Dialog(
        .lift(target, host: host), confirm: [Button(title: "Lift", outcome: .confirm)], by: key,
        at: time)
    case .suspend(let host):
      return Dialog(
        .suspend(host),
        confirm: [Button(title: "Suspend", outcome: .confirm, isDangerous: true)], by: key, at: time
      )
    case .resume(let host):
      return Dialog(
        .resume(host), confirm: [Button(title: "Resume", outcome: .confirm)], by: key, at: time)
    case .reload:
      return Dialog(
        .reload, confirm: [Button(title: "Reload", outcome: .confirm, isDangerous: true)],
        by: key, at: time)
    case .batch: return nil
    }
  }

  private mutating func fill(_ name: Field.Name, _ value: String) {
    guard let index = fields.firstIndex(where: { $0.name == name }) else { return }
    let field = fields[index]
    fields[index] =
      switch field.content {
      case .text: .text(name, field.label, value, hint: field.hint)
      case .choice(let words, _):
        .choice(name, field.label, words, chosen: value, hint: field.hint)
      }
  }
}
