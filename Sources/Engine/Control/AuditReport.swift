/// A row of the audit log: `ctl audit`.
package struct AuditReportRow: Codable, Sendable {
  package struct Actor: Codable, Sendable, Equatable {
    /// Null where there was no client.
    @Nullable package var uid: UInt32?
    package var name: String
    /// Where the operator sat, by the client's word, or null.
    @Nullable package var source: String?
  }
  package var sequence: UInt64
  package var time: String
  package var actor: Actor
  package var action: String
  package var target: String
  /// An object: via, host, message, before, after, entries.
  package var detail: JSONValue
  /// `done`, or the code of the refusal.
  package var result: String
  /// SHA-256, 64 hexadecimal digits.
  package var hash: String
}

/// What following the chain of the audit log has found: `ctl audit --verify`.
package struct AuditCheck: Codable, Sendable {
  package var intact: Bool
  /// Rows that are as they were written, from the first one on.
  package var rows: UInt64
  /// The number of the first row that is not, or null.
  @Nullable package var firstBroken: UInt64?
}
