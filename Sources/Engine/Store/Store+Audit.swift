internal import FoundationEssentials
internal import GRDB

/// What a look through the whole audit log has found.
package struct AuditFinding: Hashable, Sendable {
  /// Rows looked at that are as they were written.
  package let intact: UInt64
  /// The number of the first row that was changed, removed or put in; nil if there is none.
  package let firstBroken: UInt64?
}

extension Store {
  /// The newest rows of the audit log, oldest first.
  package func auditRows(last limit: Int) throws(StoreError) -> [AuditRow] {
    do {
      return try read { database in
        let newest = "SELECT * FROM audit ORDER BY sequence DESC LIMIT ?"
        return try Row.fetchAll(database, sql: newest, arguments: [limit]).reversed().map(
          AuditRow.init)
      }
    } catch {
      throw StoreError(error, path: path)
    }
  }

  /// Follows the chain of the audit log from its first row to the last one that was written.
  package func verifyAudit() throws(StoreError) -> AuditFinding {
    do {
      return try read { database in
        var head = AuditHead.genesis
        let rows = try Row.fetchCursor(database, sql: "SELECT * FROM audit ORDER BY sequence")
        while let next = try rows.next() {
          let row = AuditRow(next)
          guard row.follows(head) else {
            return AuditFinding(intact: head.sequence, firstBroken: head.sequence + 1)
          }
          head = AuditHead(row)
        }
        return AuditFinding(
          intact: head.sequence, firstBroken: head == auditHead ? nil : head.sequence + 1)
      }
    } catch {
      throw StoreError(error, path: path)
    }
  }
}

extension AuditRow {
  /// A row as it stands in the table; values that no row can have make one that follows nothing.
  fileprivate init(_ row: Row) {
    let record = AuditRecord(
      time: UInt64(bitPattern: row["time"] as Int64),
      actor: AuditActor(
        userID: (row["uid"] as Int64?).map { UInt32(truncatingIfNeeded: $0) }, name: row["name"],
        source: row["source"]),
      action: row["action"], target: row["target"], detail: row["detail"], result: row["result"])
    self.init(
      sequence: UInt64(bitPattern: row["sequence"] as Int64), record: record,
      hash: [UInt8](row["hash"] as Data))
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
