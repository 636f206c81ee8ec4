internal import FoundationEssentials
internal import Net

// The audit log: what goes in besides commands, and what is read from it.

extension EngineCore {
  /// Keeps a record of something that an operator did and that is no command to the state.
  func note(_ record: AuditRecord) {
    writer?.add(record)
    _ = store([], isUrgent: true)
  }

  /// Of the newest rows of the audit log those that are wanted, oldest first.
  func auditRows(
    last limit: Int, where isWanted: @escaping (AuditReportRow) -> Bool
  ) -> RowStream {
    var pages = writer.map { AuditPages($0.store, last: limit) }
    var page: ArraySlice<AuditRow> = []
    return RowStream(pages: { () throws(ControlError) -> [AuditReportRow]? in
      if page.isEmpty {
        do throws(StoreError) {
          guard let next = try pages?.next() else { return nil }
          page = next[...]
        } catch {
          throw ControlError(.storeFailed, error.description)
        }
      }
      let end = WorkSlice.end
      var rows: [AuditReportRow] = []
      while let row = page.popFirst().map(AuditReportRow.init) {
        if isWanted(row) { rows.append(row) }
        if MonotonicClock.now() >= end { break }
      }
      return rows
    })
  }

  /// Follows the chain of the audit log; an `AuditCheck` says what was found.
  func auditCheck() -> LongLook {
    guard let writer else {
      return LongLook { AuditCheck(intact: true, rows: 0, firstBroken: nil) }
    }
    var verification = AuditVerification(writer.store)
    return LongLook { () throws(ControlError) -> AuditCheck? in
      do throws(StoreError) {
        return try verification.step().map(AuditCheck.init)
      } catch {
        throw ControlError(.storeFailed, error.description)
      }
    }
  }
}

extension AuditCheck {
  fileprivate init(_ finding: AuditFinding) {
    self.init(
      intact: finding.firstBroken == nil, rows: finding.intact, firstBroken: finding.firstBroken)
  }
}

extension AuditReportRow {
  /// A row in the words of the contract.
  fileprivate init(_ row: AuditRow) {
    let record = row.record
    let detail = try? JSONDecoder().decode(JSONValue.self, from: Data(record.detail.utf8))
    self.init(
      sequence: row.sequence, time: Timestamp.textWithMilliseconds(record.time &* 1_000_000),
      actor: Actor(
        uid: record.actor.userID, name: record.actor.name, source: record.actor.source),
      action: record.action, target: record.target, detail: detail ?? .string(record.detail),
      result: record.result, hash: row.hash.map(hexadecimal).joined())
  }
}

private func hexadecimal(_ octet: UInt8) -> String {
  let digits = String(octet, radix: 16)
  return octet < 16 ? "0\(digits)" : digits
}
