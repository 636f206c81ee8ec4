/// What a client of the control socket can ask for.
///
/// Arguments stand behind each, `?` after those that may be missing. Unknown arguments are refused.
/// The verbs from `validate` to `batch` also take `provisional?`: seconds after which they are rolled
/// back, or at once when the connection ends, unless `keep` comes first.
package enum Verb: String, CaseIterable, Sendable {
  /// None. -> `StatusReport`
  case status
  /// `host?`, `address?`, `limit?`, `filter?`, `columns?` -> `[SARow]`
  case sa
  /// `filter?`, `columns?` -> `[HostRow]`
  case hosts
  /// `host` -> `HostReport`: one host whole
  case host
  /// `last?`, `reason?`, `filter?`, `columns?` -> `[DropRow]`, oldest first
  case drops
  /// None. -> `StatsReport`
  case stats
  /// `filter?`, `columns?` -> `[RevocationRow]`
  case revocations
  /// `limit?`, `filter?`, `columns?` -> `[AuditReportRow]`, oldest first; of the newest `limit` those
  /// that pass
  case audit
  /// None. -> `AuditCheck`
  case auditVerify = "audit-verify"
  /// `seconds?`, `resolution?` (1, 10 or 600 seconds) -> `HistoryReport`
  case history
  /// None. -> `IdentityReport`
  case whoami
  /// `view` (`sa`, `hosts`, `peers`, `drops`, `drop-reasons`, `drop-sources`, `drop-hosts`, `ike`,
  /// `ports`, `audit`, `revocations`), `filter?`, `sort?`, `descending?`, `offset?`, `count?`, `find?`,
  /// `from?`, `backwards?`, `columns?`, `marked?`, `overtake?`, `octets?` -> `Window`
  ///
  /// `columns` names the fields that a word by itself in `filter` is looked for in, here and
  /// elsewhere; all where it is missing. `marked` holds what the word
  /// `marked` means: of `sa` the ids, of `hosts` the names, of `peers` and `revocations` the targets.
  /// The answer may come after those of later requests. One that is not there yet when the client asks
  /// again for the view with `overtake`, as it did before, is refused as `overtaken`.
  /// With `octets` rows of the drop log are `DropSampleRow`s.
  case window
  /// `verb` (one from `validate` to `batch`, or `reload`), `arguments` -> `ExplainReport`; for
  /// operators, since it costs as much as the order
  case explain
  /// `events`, `last?`, `reason?`, `filter?`, `columns?`, `source?` -> `{"subscribed": [...]}`, then
  /// pushed events
  case subscribe

  /// `address`, `host`, `protocol?`, `spi?`, `for?`, `source?`, `via?` -> `ActionReport`
  case validate
  /// `address`, `host?`, `spi?`, `source?`, `via?` -> `ActionReport`
  case invalidate
  /// `target`, `host?`, `for?`, `reason?`, `source?`, `via?` -> `ActionReport`
  case revoke
  /// `target`, `host?`, `source?`, `via?` -> `ActionReport`
  case unrevoke
  /// `host`, `source?`, `via?` -> `ActionReport`
  case suspend
  /// `host`, `source?`, `via?` -> `ActionReport`
  case resume
  /// `commands` (1 to 10,000 of `{verb, arguments, generation?}`), `reason?`, `source?`, `via?` ->
  /// `ActionReport` with `results`: all in one transaction
  case batch
  /// `action`, `source?`, `via?` -> `ActionReport`; by the same user, within five minutes
  case undo
  /// `action`, `source?`, `via?` -> `ActionReport`; what was provisional holds
  case keep
  /// `reason?`, `source?`, `via?` -> `ConfigurationDifference`
  case reload
  /// `source?`, `via?` -> `ActionReport`; the engine then ends
  case stop

  /// Whether the verb changes something, which only operators may.
  package var acts: Bool {
    switch self {
    case .validate, .invalidate, .revoke, .unrevoke, .suspend, .resume, .batch, .undo, .keep,
      .reload, .stop:
      true
    case .status, .sa, .hosts, .host, .drops, .stats, .revocations, .audit, .auditVerify, .history,
      .whoami, .window, .explain, .subscribe:
      false
    }
  }
  /// Whether only operators may ask for it.
  var isForOperators: Bool { acts || self == .explain }

  /// Whether it is one of those that say what is to become of hosts, entries and revocations.
  var isOrder: Bool {
    switch self {
    case .validate, .invalidate, .revoke, .unrevoke, .suspend, .resume, .batch: true
    default: false
    }
  }
}
