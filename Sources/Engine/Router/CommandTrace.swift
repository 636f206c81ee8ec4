internal import PAP

// What the audit log says about commands.

extension OperatorCommand {
  /// The verb.
  package var action: String {
    switch self {
    case .validate: "validate"
    case .invalidate: "invalidate"
    case .revoke: "revoke"
    case .unrevoke: "unrevoke"
    case .suspend: "suspend"
    case .resume: "resume"
    }
  }

  /// What it is done to: an address, a prefix or a host.
  package var target: String {
    switch self {
    case .validate(let address, _, _, _, _), .invalidate(let address, _, _): "\(address)"
    case .revoke(let target, _, _, _, _), .unrevoke(let target, _): "\(target)"
    case .suspend(let host), .resume(let host): host
    }
  }

  /// The host that it is confined to; nil for every host.
  package var scope: String? {
    switch self {
    case .validate(_, let host, _, _, _), .suspend(let host), .resume(let host): host
    case .invalidate(_, let host, _), .revoke(_, let host, _, _, _), .unrevoke(_, let host): host
    }
  }

  /// Whether it only takes something away: then it is to hold even if it cannot be stored.
  package var cutsOff: Bool {
    switch self {
    case .invalidate, .revoke, .suspend: true
    case .validate, .unrevoke, .resume: false
    }
  }
}

/// How things are before and after a command.
struct CommandTrace: Sendable {
  let before: String
  let after: String

  init(_ before: String, _ after: String) {
    self.before = before
    self.after = after
  }
}

extension RouterState {
  /// Entries that one row of the audit log names.
  private static let mostListed = 64

  /// What a plan changes, before it is carried out.
  ///
  /// `rows` are those that it touches.
  func trace(of plan: CommandPlan, _ rows: [Validation], now: Instant) -> CommandTrace {
    switch plan {
    case .insert(let entry, let host, let expires):
      CommandTrace(
        "not valid", "valid: \(hosts[host].name) \(entry.label) \(span(expires, now: now))")
    case .renew(let row, let expires):
      CommandTrace(
        "valid: \(label(row)) \(span(row.expires, now: now))",
        "valid: \(label(row)) \(span(expires, now: now))")
    case .invalidate: CommandTrace(valid(rows), "not valid")
    case .revoke(let revocation, let former):
      CommandTrace(
        (former.map { "\(description(of: $0)); " } ?? "not revoked; ")
          + valid(rows),
        "\(description(of: revocation)) \(span(revocation.expires, now: revocation.created))")
    case .unrevoke(let revocation):
      CommandTrace(
        "\(description(of: revocation)) \(span(revocation.expires, now: now))", "not revoked")
    case .suspend(let host): CommandTrace(suspension(hosts[host].isSuspended), suspension(true))
    case .resume(let host): CommandTrace(suspension(hosts[host].isSuspended), suspension(false))
    }
  }

  private func valid(_ rows: [Validation]) -> String {
    guard !rows.isEmpty else { return "not valid" }
    let more = rows.count > Self.mostListed ? ", \(rows.count - Self.mostListed) more" : ""
    return "valid: \(rows.prefix(Self.mostListed).map(label).joined(separator: ", "))\(more)"
  }

  private func label(_ row: Validation) -> String { "\(hosts[row.host].name) \(row.entry.label)" }

  private func span(_ expires: UInt64?, now: Instant) -> String {
    expires.map { "for \(now.monotonic.seconds(until: $0)) s" } ?? "without a time of its own"
  }

  private func suspension(_ isSuspended: Bool) -> String { isSuspended ? "suspended" : "active" }
}
