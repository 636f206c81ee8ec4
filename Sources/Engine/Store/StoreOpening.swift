internal import FoundationEssentials
internal import GRDB
package import PAP

/// What the store must know about the router to open its state.
package struct StoreOpening: Sendable {
  /// The database file.
  package var path: String
  /// Names of the configured hosts; the first is host 1 of `RouterState`.
  package var hosts: [String]
  package var externalAddress: IPv4Address
  /// Seconds for which what a host held that is no longer configured is kept back.
  package var spiQuarantine: UInt32
  package var portQuarantine: UInt32
  /// Names the present run of the kernel.
  package var boot: String
  /// The monotonic clock, nanoseconds.
  package var monotonic: UInt64
  /// A random number, not 0: the epoch if there is no state to keep one for.
  package var newEpoch: UInt32

  /// Makes a description.
  package init(
    path: String, hosts: [String], externalAddress: IPv4Address, spiQuarantine: UInt32,
    portQuarantine: UInt32, boot: String, monotonic: UInt64, newEpoch: UInt32
  ) {
    self.path = path
    self.hosts = hosts
    self.externalAddress = externalAddress
    self.spiQuarantine = spiQuarantine
    self.portQuarantine = portQuarantine
    self.boot = boot
    self.monotonic = monotonic
    self.newEpoch = newEpoch
  }
}

/// What the first transaction finds or makes.
struct OpenedState {
  let epoch: UInt32
  let timeline: Timeline
  let auditHead: AuditHead
  let hosts: HostNumbers
}

/// The numbers by which the database knows the hosts: they stay when the configuration's order
/// changes.
struct HostNumbers: Sendable {
  private var numbers: [HostIndex: Int64] = [:]
  private var indices: [Int64: HostIndex] = [:]

  /// The number that stands for every host in `revocations`.
  static let everyHost: Int64 = 0

  mutating func add(_ host: HostIndex, _ number: Int64) {
    numbers[host] = number
    indices[number] = host
  }

  /// Every configured host has a number.
  func number(of host: HostIndex) -> Int64 { numbers[host] ?? -1 }

  /// Nil for a host that is not configured.
  func host(_ number: Int64) -> HostIndex? { indices[number] }
}

extension HostNumbers {
  /// The number of a name in the database; it gets one if it has none.
  static func enrol(_ name: String, _ database: Database) throws -> Int64 {
    let known = try Int64.fetchOne(
      database, sql: "SELECT number FROM hosts WHERE name = ?", arguments: [name])
    return try known ?? add(name, database)
  }

  /// Gives a name a number that has none.
  fileprivate static func add(_ name: String, _ database: Database) throws -> Int64 {
    try database.execute(sql: "INSERT INTO hosts (name) VALUES (?)", arguments: [name])
    return database.lastInsertedRowID
  }
}

extension StoreOpening {
  /// Does what must be done once at each start, in one transaction.
  ///
  /// It writes nothing if nothing has changed since the last start, so that a router comes back even
  /// while its disk is full.
  func prepare(_ database: Database) throws -> OpenedState {
    let hosts = try enrolHosts(database)
    guard let row = try Row.fetchOne(database, sql: "SELECT * FROM router") else {
      let timeline = Timeline(resuming: nil, boot: boot, monotonic: monotonic)
      return try begin(database, hosts, timeline, .genesis)
    }
    let stored = Timeline(
      boot: row["boot"], offset: UInt64(bitPattern: row["clock_offset"] as Int64),
      reached: UInt64(bitPattern: row["clock"] as Int64))
    let timeline = Timeline(resuming: stored, boot: boot, monotonic: monotonic)
    let head = AuditHead(
      sequence: UInt64(bitPattern: row["audit_sequence"] as Int64),
      hash: [UInt8](row["audit_hash"] as Data))
    try retireDeparted(database, now: timeline.reached)
    guard row["external_address"] == externalAddress.rawValue else {
      // Leases of another address are worth nothing; what operators ordered still is.
      try forgetLeases(database)
      return try begin(database, hosts, timeline, head)
    }
    return OpenedState(epoch: row["epoch"], timeline: timeline, auditHead: head, hosts: hosts)
  }

  /// Begins an epoch.
  private func begin(
    _ database: Database, _ hosts: HostNumbers, _ timeline: Timeline, _ head: AuditHead
  ) throws -> OpenedState {
    try database.execute(
      sql: "INSERT OR REPLACE INTO router VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
      arguments: [
        newEpoch, externalAddress.rawValue, timeline.boot, Int64(bitPattern: timeline.offset),
        Int64(bitPattern: timeline.reached), Int64(bitPattern: head.sequence), Data(head.hash),
      ])
    return OpenedState(epoch: newEpoch, timeline: timeline, auditHead: head, hosts: hosts)
  }

  private func enrolHosts(_ database: Database) throws -> HostNumbers {
    var known: [String: Int64] = [:]
    for row in try Row.fetchAll(database, sql: "SELECT name, number FROM hosts") {
      known[row["name"]] = row["number"]
    }
    var numbers = HostNumbers()
    for (place, name) in hosts.enumerated() {
      let number = try known[name] ?? HostNumbers.add(name, database)
      numbers.add(HostIndex(rawValue: UInt16(place + 1)), number)
    }
    return numbers
  }

  private func forgetLeases(_ database: Database) throws {
    let leases = ["entries", "slots", "ports", "claims", "withdrawals"]
    for table in leases + ["slot_quarantines", "port_quarantines", "claim_quarantines"] {
      try database.execute(sql: "DELETE FROM \(table)")
    }
  }

  /// Puts into quarantine what hosts hold that are no longer configured, and removes their entries.
  ///
  /// Their revocations and suspensions stay, for the day they come back.
  private func retireDeparted(_ database: Database, now: UInt64) throws {
    let names = Set(hosts)
    let departed = try Row.fetchAll(database, sql: "SELECT number, name FROM hosts")
      .filter { !names.contains($0["name"]) }.map { "\($0["number"] as Int64)" }
    if departed.isEmpty { return }
    let isDeparted = "host IN (\(departed.joined(separator: ",")))"
    let spiEnd = Int64(bitPattern: now.advanced(bySeconds: UInt64(spiQuarantine)))
    let portEnd = Int64(bitPattern: now.advanced(bySeconds: UInt64(portQuarantine)))
    try database.execute(
      sql: """
        INSERT OR REPLACE INTO slot_quarantines
          SELECT slot, NULL, ? FROM slots WHERE lease_end IS NOT NULL AND \(isDeparted)
        """, arguments: [spiEnd])
    try database.execute(
      sql: """
        INSERT OR REPLACE INTO claim_quarantines
          SELECT spi, NULL, ? FROM claims WHERE \(isDeparted)
        """, arguments: [spiEnd])
    try database.execute(
      sql: """
        WITH RECURSIVE unit (number) AS (SELECT 0 UNION ALL SELECT number + 1 FROM unit LIMIT 64)
        INSERT OR REPLACE INTO port_quarantines
          SELECT number, NULL, ? FROM unit JOIN ports
            ON number * 1024 >= first AND number * 1024 < first + count
          WHERE lease_end IS NOT NULL AND \(isDeparted)
        """, arguments: [portEnd])
    try DepartedProvisions(database, now: now).rollBack(where: isDeparted)
    for table in ["entries", "slots", "ports", "claims", "withdrawals", "provisional_images"] {
      try database.execute(sql: "DELETE FROM \(table) WHERE \(isDeparted)")
    }
  }
}
