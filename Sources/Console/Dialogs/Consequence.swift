internal import Engine
internal import PAP

extension Dialog {
  /// The title in the frame.
  var title: String {
    switch purpose {
    case .validate: "Validate an address"
    case .invalidate: "Invalidate an address"
    case .revoke: "Revoke an address or prefix"
    case .lift: "Lift a revocation"
    case .suspend(let host): "Suspend \(host)"
    case .resume(let host): "Resume \(host)"
    case .reload: "Reload the configuration"
    case .marked(let action): markedTitle(action)
    case .undo: "Undo the last action"
    case .unlock: "Unlock this console"
    case .export: "Export the rows that match"
    case .quit: "Quit"
    }
  }

  /// What will happen, in words, whatever the router adds in numbers.
  func consequence(_ model: Model) -> String {
    switch purpose {
    case .validate:
      "The host will accept IPsec packets from this address, until the time is over or somebody "
        + "invalidates it."
    case .invalidate:
      "Its entries are removed and packets from there are dropped at once. The host may validate "
        + "the address again."
    case .revoke:
      "Its entries are removed, packets from there are dropped at once, and no host can validate "
        + "it again until the revocation ends or is lifted."
    case .lift(let target, let host):
      "\(target.short) may be validated again for \(host ?? "all hosts"). Nothing is forwarded from "
        + "there until a host validates it anew."
    case .suspend(let host):
      "Nothing from or to \(host) is forwarded from now on. Its leases and entries stay, and work "
        + "again when it is resumed."
    case .resume(let host): "Packets from and to \(host) are forwarded again."
    case .reload:
      "The router goes on under what its file says now, whole or not at all. Hosts that are not in "
        + "it any more lose their leases and entries. It cannot be undone but by another reload."
    case .marked(let action): markedConsequence(action)
    case .undo: "What the action took away comes back as far as it still can."
    case .unlock: "The acting keys work again."
    case .export:
      "All rows that the filter lets through, in this order, are written by this console to a file on "
        + "the machine that it runs on. A file that is there is left alone."
    case .quit: Self.quitting(model)
    }
  }

  private var resumes: Bool {
    if case .resume? = plan?.chosen.first?.command { true } else { false }
  }

  private func markedTitle(_ action: ActionID) -> String {
    let verb = resumes ? "resume" : Action.named(action)?.hint ?? ""
    return verb.prefix(1).uppercased() + verb.dropFirst() + " the marked rows"
  }

  private func markedConsequence(_ action: ActionID) -> String {
    switch action {
    case .validate: "The hosts will accept IPsec packets as the marked entries say."
    case .invalidate: "The entries are removed and packets from there are dropped at once."
    case .revoke:
      "The entries are removed, packets from there are dropped at once, and no host can validate "
        + "the addresses until the revocations end or are lifted."
    case .lift: "The targets may be validated again."
    default:
      resumes
        ? "Packets from and to these hosts are forwarded again."
        : "Nothing from or to these hosts is forwarded from now on."
    }
  }

  private static func quitting(_ model: Model) -> String {
    let status = model.status
    let entries = Format.plural(status?.saEntries ?? 0, "entry", "entries")
    let hosts = Format.plural(status?.hosts ?? 0, "host", "hosts")
    return
      "This console was started together with the router. Leave it running: forwarding goes on "
      + "and dnat-console attach comes back to it. Stop the router: forwarding ends for "
      + "\(hosts) and \(entries)."
  }
}
