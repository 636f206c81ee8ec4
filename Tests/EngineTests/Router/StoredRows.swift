import Net
import PAP

@testable import Engine

/// A store in the most naive form: the newest form of each row.
struct StoredRows {
  private(set) var rows: [StoredRow.Key: StoredRow] = [:]

  /// Whether something provisional is stored.
  var hasActions: Bool {
    rows.keys.contains { key in
      switch key {
      case .action, .image: true
      default: false
      }
    }
  }

  mutating func apply(_ change: StoreChange) {
    switch change {
    case .put(let row): rows[row.key] = row
    case .remove(let key): rows[key] = nil
    }
  }

  /// A state made of the rows alone; nil if they contradict each other.
  ///
  /// The hosts have the numbers that they have in `everyHost`.
  func restored(policy: RouterPolicy, everyHost: [HostIdentity]) -> RouterState? {
    var all = policy
    all.hosts = everyHost
    var state = RouterState(policy: all, epoch: 0x1234, random: SeededRandom(seed: 1))
    _ = state.step(.reload(policy), now: Instant(monotonic: 0, wallClock: 0))
    let entries = rows.values.compactMap { row in
      if case .entry(let id, _) = row { (id.rawValue, row) } else { nil }
    }.sorted { $0.0 < $1.0 }.map(\.1)
    let withdrawals = rows.values.compactMap { row in
      if case .withdrawal(let number, _) = row { (number, row) } else { nil }
    }.sorted { $0.0 < $1.0 }.map(\.1)
    // Leases before quarantines, as the store gives them.
    let leases = rows.values.filter(\.isLease)
    let others = rows.values.filter { row in
      switch row {
      case .entry, .withdrawal: false
      default: !row.isLease
      }
    }
    for row in leases + others + withdrawals + entries where !state.restore(row) { return nil }
    state.endRestoring()
    return state
  }
}

extension StoredRow {
  fileprivate var isLease: Bool {
    switch self {
    case .slot, .ports, .claim: true
    default: false
    }
  }
}

extension RouterLab {
  /// What a router that was restarted now would have wrong, or nil.
  var lossOverRestart: String? {
    guard let restarted = stored.restored(policy: state.policy, everyHost: everyHost) else {
      return "the stored rows contradict each other: \(stored.rows.values)"
    }
    let lost = Snapshot(restarted).lasting, kept = Snapshot(state).lasting
    if lost != kept { return "stored \(lost), not \(kept)" }
    if restarted.untold != state.untold {
      return "to be told would be \(restarted.untold), not \(state.untold)"
    }
    var table = Table()
    for change in restarted.tableContents { table.apply(change) }
    if table != claimedTable { return "the table would be \(table), not \(claimedTable)" }
    return restarted.lastingDeadlines == state.lastingDeadlines
      ? nil : "the next deadlines would be others"
  }
}

extension RouterState {
  /// What each host is still to be told, oldest first.
  var untold: [[String]] {
    hosts.all.map { host in
      ((host.withdrawals.notice?.things ?? []) + host.withdrawals.waiting).map {
        "\($0.number) \($0.item) \($0.reason)"
      }
    }
  }

  /// What ends next, of each kind that survives a restart.
  var lastingDeadlines: [UInt64?] {
    [
      slots.terms.nextDeadline, slots.quarantine.nextDeadline, claims.terms.nextDeadline,
      claims.quarantine.nextDeadline, ports.terms.nextDeadline, ports.quarantine.nextDeadline,
      validations.nextDeadline, revocations.nextDeadline,
    ]
  }
}

extension Snapshot {
  /// What must survive a restart, in a form without the rest.
  fileprivate var lasting: [String] {
    let rows = entries.map(\.lasting).sorted()
    let holdings = hosts.map {
      "\($0.name) \($0.state == .suspended) \(String(describing: $0.slot)) "
        + "\(String(describing: $0.slotExpires)) \(String(describing: $0.ports)) "
        + "\(String(describing: $0.portsExpire)) \($0.spisClaimed) \(String(describing: $0.endpoint))"
    }
    return rows + revocations.map(\.lasting) + holdings
  }
}

extension EntryView {
  /// What of a row survives a restart.
  var lasting: String {
    "\(id) \(host) \(entry) \(origin) \(created) \(String(describing: expires))"
  }
}

extension RevocationView {
  /// What of a revocation survives a restart.
  var lasting: String {
    "\(target) \(host ?? "") \(by) \(reason ?? "") \(created) \(String(describing: expires))"
  }
}
