/// Brings what changes to the store, in the order of time, and keeps what the store did not take for
/// the next try.
///
/// Used on the control thread.
package final class StoreWriter {
  /// Rows of the audit log that may wait while the store fails.
  static let mostAudit = 10_000
  /// Nanoseconds from a failure to the next try.
  private static let retryInterval: UInt64 = 1_000_000_000

  let store: Store
  private var pending = PendingWrites()
  private var auditHead: AuditHead
  private var nextTry: UInt64 = 0
  /// Why the last try failed, as a sentence for people; nil if all is durable.
  package private(set) var problem: String?

  /// Makes a writer for a store that has just been opened.
  package init(_ store: Store) {
    self.store = store
    auditHead = store.auditHead
  }

  /// The number of rows that wait to be stored.
  package var waiting: Int { pending.changes.count + pending.audit.count }
  /// Whether so many more rows of the audit log may wait.
  func hasAuditRoom(for rows: Int) -> Bool { pending.audit.count + rows <= Self.mostAudit }

  /// Whether a row is stored as it is now.
  func isDurable(_ key: StoredRow.Key) -> Bool { pending.changes[key] == nil }

  /// Takes a change.
  package func add(_ change: StoreChange) {
    pending.add(change)
  }

  /// Takes a record for the audit log.
  package func add(_ record: AuditRecord) {
    let row = AuditRow(record, after: auditHead)
    auditHead = AuditHead(row)
    pending.add(row)
  }

  /// Writes what waits.
  ///
  /// After a failure it tries again once a second, or if `isUrgent`.
  ///
  /// - Returns: whether everything so far is durable.
  package func flush(at moment: UInt64, isUrgent: Bool = false) -> Bool {
    if pending.isEmpty, problem == nil { return true }
    if problem == nil || isUrgent || moment >= nextTry { write(at: moment) }
    return pending.isEmpty
  }

  /// Writes how far the time line has come, and what waits.
  package func keepTime(at moment: UInt64) {
    if problem == nil || moment >= nextTry { write(at: moment) }
  }

  private func write(at moment: UInt64) {
    do throws(StoreError) {
      try store.commit(pending, at: moment)
      pending = PendingWrites()
      problem = nil
    } catch {
      problem = error.description
      nextTry = moment &+ Self.retryInterval
    }
  }
}
