internal import FoundationEssentials
internal import GRDB
internal import Net

/// What must survive a restart, on disk: the router's state and the audit log, in one SQLite database
/// with one connection.
///
/// A transaction that `commit` has returned from survives the loss of the process, of the kernel and
/// of power: the log of SQLite is flushed to the disk before (`synchronous = FULL`). One that it has
/// thrown from may be there or not after a restart, whole or not at all. Not kept: sessions, counters,
/// what the data path has learned.
///
/// Used on the control thread.
package final class Store {
  /// Seconds that a foreign lock on the database is waited for.
  private static let patience = 0.25

  package let path: String
  /// The state's number (pap.md, section 3).
  package let epoch: UInt32
  /// What deadlines are on.
  package let timeline: Timeline
  private(set) var hosts: HostNumbers
  /// The last row of the audit log that is written.
  private(set) var auditHead: AuditHead
  private let file: StoreFile
  private let database: DatabaseQueue

  /// Opens the state, or begins one.
  ///
  /// - Throws: a sentence for people; then nothing has been changed.
  package convenience init(_ opening: StoreOpening) throws(StoreError) {
    try self.init(opening, migrations: StoreSchema.migrations)
  }

  /// As the other one, with steps of a schema that a test chooses.
  init(_ opening: StoreOpening, migrations: [String]) throws(StoreError) {
    path = opening.path
    file = try StoreFile(opening.path)
    do {
      database = try Self.connect(opening.path)
      var opened: OpenedState?
      try database.inTransaction(.immediate) { database in
        try StoreSchema.migrate(database, path: opening.path, to: migrations)
        opened = try opening.prepare(database)
        FailPoint.pass(.duringLoad)
        return .commit
      }
      guard let opened else { throw StoreError("\(opening.path) cannot be opened") }
      epoch = opened.epoch
      timeline = opened.timeline
      auditHead = opened.auditHead
      hosts = opened.hosts
    } catch {
      throw StoreError(error, path: opening.path)
    }
  }

  private static func connect(_ path: String) throws -> DatabaseQueue {
    var configuration = GRDB.Configuration()
    configuration.busyMode = .timeout(patience)
    configuration.foreignKeysEnabled = false
    let database = try DatabaseQueue(path: path, configuration: configuration)
    try database.writeWithoutTransaction { connection in
      let mode = try String.fetchOne(connection, sql: "PRAGMA journal_mode = WAL")
      guard mode == "wal" else {
        throw StoreError("\(path) is on a file system that cannot hold it (no shared memory)")
      }
      try connection.execute(sql: "PRAGMA synchronous = FULL")
    }
    return database
  }

  /// Writes everything in one transaction, and how far the time line has come.
  ///
  /// When this returns it is durable.
  ///
  /// - Throws: a sentence for people; then nothing of it may be taken for durable.
  package func commit(_ writes: PendingWrites, at moment: UInt64) throws(StoreError) {
    do {
      try database.inTransaction(.immediate) { database in
        for change in writes.changes.values { try change.write(to: database, hosts) }
        for row in writes.audit { try row.insert(into: database) }
        let head = writes.audit.last.map(AuditHead.init) ?? auditHead
        try database.cachedStatement(
          sql: """
            UPDATE router SET boot = ?, clock_offset = ?, clock = ?, audit_sequence = ?,
              audit_hash = ?
            """
        ).execute(
          arguments: [
            timeline.boot, Int64(bitPattern: timeline.offset), Int64(bitPattern: moment),
            Int64(bitPattern: head.sequence), Data(head.hash),
          ])
        FailPoint.pass(.beforeCommit)
        return .commit
      }
    } catch {
      throw StoreError(error, path: path)
    }
    if let last = writes.audit.last { auditHead = AuditHead(last) }
  }

  /// Gives hosts a number in the database, so that rows of theirs can be written.
  ///
  /// - Throws: a sentence for people; then none has got one.
  package func enrol(_ newcomers: [(name: String, index: HostIndex)]) throws(StoreError) {
    if newcomers.isEmpty { return }
    var numbers = hosts
    do {
      try database.inTransaction(.immediate) { database in
        for (name, index) in newcomers { numbers.add(index, try HostNumbers.enrol(name, database)) }
        return .commit
      }
    } catch {
      throw StoreError(error, path: path)
    }
    hosts = numbers
  }

  /// Gives the state every row that is stored.
  ///
  /// - Returns: the keys of rows that contradict others and were left out.
  /// - Throws: a sentence for people, if something cannot be read.
  package func load(into state: inout RouterState) throws(StoreError) -> [StoredRow.Key] {
    var refused: [StoredRow.Key] = []
    do {
      try read { database in
        let reader = StoredRowReader(database: database, hosts: hosts)
        state.reserveEntries(try reader.entryCount())
        try reader.forEach { row in
          if !state.restore(row) { refused.append(row.key) }
        }
      }
    } catch {
      throw StoreError(error, path: path)
    }
    state.endRestoring()
    return refused
  }

  /// Reads in one view of the database.
  func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try database.read(body)
  }
}
