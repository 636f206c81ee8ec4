internal import PAP

/// Who did something, as far as the engine can tell.
package struct AuditActor: Hashable, Sendable {
  /// The user by the kernel's word; nil where there is none to ask.
  package var userID: UInt32?
  /// The name that the user logged in with.
  package var name: String
  /// Where the user sits, by the client's word: the address at the other end of an SSH connection.
  package var source: String?

  /// Makes an actor.
  package init(userID: UInt32?, name: String, source: String?) {
    self.userID = userID
    self.name = name
    self.source = source
  }
}

/// Something that an operator did, or tried to.
package struct AuditRecord: Hashable, Sendable {
  /// Milliseconds since 1970.
  package var time: UInt64
  package var actor: AuditActor
  /// The verb: `revoke`.
  package var action: String
  /// What it was done to: an address, a prefix or a host.
  package var target: String
  /// The rest as a JSON object.
  package var detail: String
  /// `done`, or the code of the refusal.
  package var result: String
}

/// The end of the audit log: what the next row is chained to.
package struct AuditHead: Hashable, Sendable {
  package let sequence: UInt64
  package let hash: [UInt8]

  /// The end of a log without rows.
  static let genesis = AuditHead(sequence: 0, hash: [UInt8](repeating: 0, count: 32))

  init(sequence: UInt64, hash: [UInt8]) {
    self.sequence = sequence
    self.hash = hash
  }

  init(_ row: AuditRow) {
    self.init(sequence: row.sequence, hash: row.hash)
  }
}

/// A row of the audit log: a record, numbered and chained to the row before.
package struct AuditRow: Hashable, Sendable {
  /// 1 for the first row.
  package let sequence: UInt64
  package let record: AuditRecord
  /// SHA-256 over the hash of the row before and everything in this one.
  package let hash: [UInt8]

  /// Chains a record to the end of the log.
  init(_ record: AuditRecord, after head: AuditHead) {
    sequence = head.sequence + 1
    self.record = record
    hash = Self.hash(record, sequence: sequence, after: head.hash)
  }

  /// A row as it was stored, whether it is right or not.
  init(sequence: UInt64, record: AuditRecord, hash: [UInt8]) {
    self.sequence = sequence
    self.record = record
    self.hash = hash
  }

  /// Whether the row follows that head, unchanged.
  func follows(_ head: AuditHead) -> Bool {
    sequence == head.sequence &+ 1
      && hash == Self.hash(record, sequence: sequence, after: head.hash)
  }

  /// The hash of a row: SHA-256 over the previous hash (32 octets, 0 for the first row), the sequence,
  /// the time in milliseconds and the user's number (8 octets each, big-endian, all ones for none),
  /// and then name, source, action, target, detail and result, each as its length (4 octets,
  /// big-endian, all ones for none) and its UTF-8.
  private static func hash(
    _ record: AuditRecord, sequence: UInt64, after previous: [UInt8]
  ) -> [UInt8] {
    var octets = previous
    octets.append(sequence, octets: 8)
    octets.append(record.time, octets: 8)
    octets.append(record.actor.userID.map(UInt64.init) ?? .max, octets: 8)
    octets.append(record.actor.name)
    octets.append(record.actor.source)
    for text in [record.action, record.target, record.detail, record.result] { octets.append(text) }
    return Crypto.sha256(octets)
  }
}

extension [UInt8] {
  fileprivate mutating func append(_ number: UInt64, octets: UInt64) {
    for place in 1...octets { append(UInt8(truncatingIfNeeded: number >> (8 * (octets - place)))) }
  }

  fileprivate mutating func append(_ text: String?) {
    append(text.map { UInt64($0.utf8.count) } ?? .max, octets: 4)
    if let text { append(contentsOf: text.utf8) }
  }
}
