/// What a client of the control socket can ask for.
///
/// Arguments stand behind each, `?` after those that may be missing. Unknown arguments are refused.
package enum Verb: String, CaseIterable, Sendable {
  /// None. -> `StatusReport`
  case status
  /// `host?`, `address?`, `limit?` -> `[SARow]`
  case sa
  /// None. -> `[HostRow]`
  case hosts
  /// `host` -> `HostReport`: one host whole
  case host
  /// `last?`, `reason?` -> `[DropRow]`, oldest first
  case drops
  /// None. -> `StatsReport`
  case stats
  /// None. -> `[RevocationRow]`
  case revocations
  /// `limit?` -> `[AuditReportRow]`, oldest first
  case audit
  /// None. -> `AuditCheck`
  case auditVerify = "audit-verify"
  /// `seconds?`, `resolution?` (1, 10 or 600 seconds) -> `HistoryReport`
  case history
  /// None. -> `IdentityReport`
  case whoami
  /// `view` (`sa`, `hosts`, `peers`, `drops`, `drop-reasons`, `drop-sources`, `drop-hosts`, `ike`,
  /// `ports`, `audit`, `revocations`), `filter?`, `sort?`, `descending?`, `offset?`, `count?`, `find?`,
  /// `from?`, `backwards?` -> `Window`
  case window
  /// `verb`, `arguments` -> `ExplainReport`
  case explain
  /// `events`, `last?`, `reason?` -> `{"subscribed": [...]}`, then pushed events
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
  /// `source?`, `via?` -> `ConfigurationDifference`
  case reload
  /// `source?`, `via?` -> `ActionReport`; the engine then ends
  case stop

  /// Whether the verb changes something, which only operators may.
  package var acts: Bool {
    switch self {
    case .validate, .invalidate, .revoke, .unrevoke, .suspend, .resume, .reload, .stop:
      true
    case .status, .sa, .hosts, .host, .drops, .stats, .revocations, .audit, .auditVerify, .history,
      .whoami, .window, .explain, .subscribe:
      false
    }
  }
}
