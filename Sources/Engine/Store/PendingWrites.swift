/// What the store has not got yet: the newest form of every changed row, and rows of the audit log.
///
/// Its size is bounded by that of the state and by `StoreWriter.mostAudit`.
package struct PendingWrites: Sendable {
  /// At most one for each row.
  package private(set) var changes: [StoredRow.Key: StoreChange] = [:]
  /// In the order of their numbers.
  package private(set) var audit: [AuditRow] = []

  /// Whether nothing waits.
  package var isEmpty: Bool { changes.isEmpty && audit.isEmpty }

  /// Makes an empty one.
  package init() {}

  /// Adds a change; it stands for earlier ones of the same row.
  package mutating func add(_ change: StoreChange) {
    changes[change.key] = change
  }

  /// Adds a row of the audit log.
  package mutating func add(_ row: AuditRow) {
    audit.append(row)
  }
}
