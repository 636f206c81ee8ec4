internal import PAP

// What is said to people about commands: before, as a confirmation, and after, as an answer.

/// A plan in words.
struct CommandWords: Sendable {
  /// In the form "revoke 192.0.2.10 ...".
  let will: String
  /// In the form "revoked 192.0.2.10 ...".
  let done: String

  init(_ will: String, _ done: String, _ rest: String) {
    self.will = "\(will) \(rest)"
    self.done = "\(done) \(rest)"
  }
}

extension RouterState {
  /// Says what a plan does.
  ///
  /// `rows` are those that it touches.
  func words(for plan: CommandPlan, _ rows: [Validation], now: Instant) -> CommandWords {
    switch plan {
    case .insert(let entry, let host, let expires):
      CommandWords(
        "validate", "validated",
        "\(entry.label) for \(hosts[host].name) \(entrySpan(expires, now: now))")
    case .renew(let row, let expires):
      CommandWords(
        "keep", "kept",
        "\(row.entry.label) valid for \(hosts[row.host].name) \(entrySpan(expires, now: now))")
    case .invalidate(let address, _):
      CommandWords("invalidate", "invalidated", "\(address): \(gone(rows))")
    case .revoke(let revocation, let former):
      revokeWords(revocation, isNew: former == nil, rows: rows)
    case .unrevoke(let revocation):
      CommandWords(
        "lift", "lifted",
        "the revocation of \(named(revocation.key.target)) for "
          + "\(scope(of: revocation.key.host)); its entries do not come back by themselves")
    case .suspend(let host): suspensionWords("suspend", "suspended", hosts[host], true)
    case .resume(let host): suspensionWords("resume", "resumed", hosts[host], false)
    }
  }

  private func revokeWords(
    _ revocation: Revocation, isNew: Bool, rows: [Validation]
  ) -> CommandWords {
    // All of its time: it may be said only after its entries are gone.
    let begun = revocation.created.monotonic
    let span = revocation.expires.map { "for \(begun.seconds(until: $0)) s" }
    let rest =
      "\(named(revocation.key.target)) for \(scope(of: revocation.key.host)) "
      + "\(span ?? "until it is lifted"): \(gone(rows))"
    return isNew
      ? CommandWords("revoke", "revoked", rest)
      : CommandWords("change the revocation of", "changed the revocation of", rest)
  }

  private func suspensionWords(
    _ will: String, _ done: String, _ host: Host, _ suspends: Bool
  ) -> CommandWords {
    let entries = counted(validations.count(of: host.index), "entry", "entries")
    if host.isSuspended == suspends {
      let state = suspends ? "is suspended already" : "is not suspended"
      return CommandWords("change", "changed", "nothing: \(host.name) \(state)")
    }
    let effect =
      suspends
      ? "its \(entries) and its leases are kept, and nothing passes to or from it"
      : "its \(entries) and its leases hold again"
    return CommandWords(will, done, "\(host.name): \(effect)")
  }

  private func entrySpan(_ expires: UInt64?, now: Instant) -> String {
    expires.map { "for \(now.monotonic.seconds(until: $0)) s" } ?? "as long as its lease of SPIs"
  }

  /// `2 entries removed (hosta 1, hostb 1)`, or `no entries removed`.
  private func gone(_ rows: [Validation]) -> String {
    guard !rows.isEmpty else { return "no entries to remove" }
    let counts = rows.reduce(into: [HostIndex: Int]()) { $0[$1.host, default: 0] += 1 }
    let shown = counts.sorted { $0.key.rawValue < $1.key.rawValue }.prefix(Self.mostNamed)
      .map { "\(hosts[$0.key].name) \($0.value)" }
    let more = counts.count > shown.count ? ", \(counts.count - shown.count) more hosts" : ""
    return "\(counted(rows.count, "entry", "entries")) removed "
      + "(\(shown.joined(separator: ", "))\(more))"
  }

  /// How many hosts one sentence names.
  private static let mostNamed = 5

  /// `hosta`, or `every host`.
  func scope(of host: HostIndex?) -> String {
    host.map { hosts[$0].name } ?? "every host"
  }

  /// `192.0.2.0/24 is revoked for every host by alice (reason)`.
  func description(of revocation: Revocation) -> String {
    let reason = revocation.reason.map { " (\($0))" } ?? ""
    return "\(named(revocation.key.target)) is revoked for \(scope(of: revocation.key.host)) "
      + "by \(revocation.by)\(reason)"
  }

  /// What names a revocation on the command line.
  func arguments(of key: Revocation.Key) -> String {
    "\(named(key.target))\(key.host.map { " --host \(hosts[$0].name)" } ?? "")"
  }

  /// The rows that a plan touches.
  func rows(of plan: CommandPlan) -> [Validation] {
    switch plan {
    case .insert, .unrevoke: []
    case .renew(let row, _): [row]
    case .invalidate(_, let rows): rows
    case .revoke(let revocation, _): validations.rows(coveredBy: revocation.key)
    case .suspend(let host), .resume(let host): Array(validations.rows(of: host))
    }
  }

  /// The names of the hosts that a plan touches, in the order of the configuration.
  func affectedHosts(of plan: CommandPlan, rows: [Validation]) -> [String] {
    switch plan {
    case .insert(_, let host, _), .suspend(let host), .resume(let host): [hosts[host].name]
    case .unrevoke(let revocation):
      revocation.key.host.map { [hosts[$0].name] } ?? hosts.all.map(\.name)
    case .renew, .invalidate, .revoke:
      Set(rows.map(\.host)).sorted { $0.rawValue < $1.rawValue }.map { hosts[$0].name }
    }
  }
}
