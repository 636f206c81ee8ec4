internal import FoundationEssentials
internal import GRDB

/// What a look through the whole audit log has found.
package struct AuditFinding: Hashable, Sendable {
  /// Rows looked at that are as they were written.
  package let intact: UInt64
  /// The number of the first row that was changed, removed or put in; nil if there is none.
  package let firstBroken: UInt64?
}

/// The newest rows of the audit log, oldest first, in pages.
///
/// Rows that are written between two pages may be among them.
struct AuditPages {
  private let store: Store
  private var left: Int
  /// The number that the next page begins with; nil before the first one.
  private var first: Int64?

  /// Makes pages of at most `limit` rows.
  init(_ store: Store, last limit: Int) {
    self.store = store
    left = limit
  }

  /// The next rows; nil after the last ones.
  mutating func next() throws(StoreError) -> [AuditRow]? {
    if left == 0 { return nil }
    let number = if let first { first } else { try store.firstNumber(ofNewest: left) }
    let rows = try store.auditRows(from: number, atMost: left)
    guard let last = rows.last else { return nil }
    left -= rows.count
    first = Int64(bitPattern: last.sequence).addingSticking(1)
    return rows
  }
}

/// Follows the chain of the audit log from its first row to the last one that was written, in steps.
struct AuditVerification {
  private let store: Store
  private var head = AuditHead.genesis
  private var first = Int64.min

  /// Begins before the first row.
  init(_ store: Store) {
    self.store = store
  }

  /// Looks at the next rows; what was found, or nil if there are more.
  mutating func step() throws(StoreError) -> AuditFinding? {
    let rows = try store.auditRows(from: first, atMost: .max)
    for row in rows {
      guard row.follows(head) else { return finding(isWhole: false) }
      head = AuditHead(row)
    }
    first = Int64(bitPattern: head.sequence &+ 1)
    // Nothing was written since: store and log are used on one thread.
    return rows.isEmpty ? finding(isWhole: head == store.auditHead) : nil
  }

  private func finding(isWhole: Bool) -> AuditFinding {
    AuditFinding(intact: head.sequence, firstBroken: isWhole ? nil : head.sequence + 1)
  }
}

extension Store {
  /// Rows that are read at once: some milliseconds' work.
  private static let auditRowsAtOnce = 256

  /// A page of the audit log: rows from that number on, in order.
  fileprivate func auditRows(from first: Int64, atMost limit: Int) throws(StoreError) -> [AuditRow]
  {
    do {
      return try read { database in
        let page = try database.cachedStatement(
          sql: """
            SELECT sequence, time, uid, name, source, action, target, detail, result, hash
              FROM audit WHERE sequence >= ? ORDER BY sequence LIMIT ?
            """)
        let rows = try Row.fetchCursor(
          page, arguments: [first, min(limit, Self.auditRowsAtOnce)])
        return try Array(rows.map(AuditRow.init))
      }
    } catch {
      throw StoreError(error, path: path)
    }
  }

  /// The number of the oldest of so many rows at the end of the log.
  fileprivate func firstNumber(ofNewest count: Int) throws(StoreError) -> Int64 {
    do {
      let newest = try read { try Int64.fetchOne($0, sql: "SELECT max(sequence) FROM audit") }
      return (newest ?? 0).addingSticking(1 - Int64(count))
    } catch {
      throw StoreError(error, path: path)
    }
  }
}

extension Int64 {
  /// The sum, or the nearest number that there is: somebody may have put any number into the file.
  fileprivate func addingSticking(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }
}

extension AuditRow {
  /// A row as it stands in the table; values that no row can have make one that follows nothing.
  fileprivate init(_ row: Row) {
    let record = AuditRecord(
      time: UInt64(bitPattern: row[1] as Int64),
      actor: AuditActor(
        userID: (row[2] as Int64?).map { UInt32(truncatingIfNeeded: $0) }, name: row[3],
        source: row[4]),
      action: row[5], target: row[6], detail: row[7], result: row[8])
    self.init(
      sequence: UInt64(bitPattern: row[0] as Int64), record: record, hash: [UInt8](row[9] as Data))
  }

  /// Adds the row to the table.
  func insert(into database: Database) throws {
    try database.cachedStatement(sql: "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .execute(
        arguments: [
          Int64(bitPattern: sequence), Int64(bitPattern: record.time),
          record.actor.userID.map { Int64($0) }, record.actor.name, record.actor.source,
          record.action, record.target, record.detail, record.result, Data(hash),
        ])
  }
}
