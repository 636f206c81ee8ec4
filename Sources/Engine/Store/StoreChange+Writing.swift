internal import GRDB
internal import PAP

extension StoreChange {
  /// Puts the row into its table, or takes it out.
  func write(to database: Database, _ hosts: HostNumbers) throws {
    switch self {
    case .put(let row): try row.put(into: database, hosts)
    case .remove(let key): try key.remove(from: database, hosts)
    }
  }
}

extension Database {
  /// Runs a statement that is likely to be run again.
  func run(_ sql: String, _ arguments: StatementArguments) throws {
    try cachedStatement(sql: sql).execute(arguments: arguments)
  }
}

extension UInt64 {
  /// The same 64 bits as SQLite's signed number.
  var stored: Int64 { Int64(bitPattern: self) }
}

extension StoredRow {
  fileprivate func put(into database: Database, _ hosts: HostNumbers) throws {
    switch self {
    case .host(let host, let row):
      try database.run(
        "UPDATE hosts SET suspended_since = ?, remote = ?, local = ? WHERE number = ?",
        [
          row.suspendedSince?.stored, row.contact.map { "\($0.remote)" },
          row.contact.map { "\($0.local)" }, hosts.number(of: host),
        ])
    case .slot(let host, let row):
      try database.run(
        "INSERT OR REPLACE INTO slots VALUES (?, ?, ?)",
        [hosts.number(of: host), row.slot.rawValue, row.leaseEnd?.stored])
    case .ports(let host, let row):
      try database.run(
        "INSERT OR REPLACE INTO ports VALUES (?, ?, ?, ?)",
        [hosts.number(of: host), row.block.first, row.block.count, row.leaseEnd?.stored])
    case .slotQuarantine(let slot, let row):
      try database.run(
        "INSERT OR REPLACE INTO slot_quarantines VALUES (?, ?, ?)",
        [slot.rawValue, row.lastHolder.map(hosts.number), row.until.stored])
    case .portQuarantine(let unit, let row):
      try database.run(
        "INSERT OR REPLACE INTO port_quarantines VALUES (?, ?, ?)",
        [unit, row.lastHolder.map(hosts.number), row.until.stored])
    case .claim(let spi, let row):
      try database.run(
        "INSERT OR REPLACE INTO claims VALUES (?, ?, ?)",
        [spi.rawValue, hosts.number(of: row.host), row.leaseEnd.stored])
    case .claimQuarantine(let spi, let row):
      try database.run(
        "INSERT OR REPLACE INTO claim_quarantines VALUES (?, ?, ?)",
        [spi.rawValue, row.lastHolder.map(hosts.number), row.until.stored])
    case .entry(let id, let row): try row.put(id, into: database, hosts)
    case .revocation(let target, let host, let row):
      try database.run(
        "INSERT OR REPLACE INTO revocations VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
          target.address.rawValue, target.prefixLength, hosts.scope(host), row.by, row.reason,
          row.created.monotonic.stored, row.created.wallClock.stored, row.expires?.stored,
        ])
    case .withdrawal(let number, let row): try row.put(number, into: database, hosts)
    case .action(let number, let row):
      try database.run(
        "INSERT OR REPLACE INTO provisional_actions VALUES (?, ?, ?, ?, ?)",
        [
          number.rawValue.stored, row.actor.userID.map { Int64($0) }, row.actor.name,
          row.actor.source, row.title,
        ])
    case .image(let key, let image): try image.put(key, into: database, hosts)
    }
  }
}

extension StoredWithdrawal {
  fileprivate func put(_ number: UInt64, into database: Database, _ hosts: HostNumbers) throws {
    let (columns, values): (String, StatementArguments) =
      switch item {
      case .slot(let slot): ("slot", [slot.rawValue])
      case .claim(let spi): ("claim", [spi.rawValue])
      case .ports(let block): ("ports_first, ports_count", [block.first, block.count])
      case .entry(let entry):
        (
          "address, protocol, spi_in, spi_out",
          [
            entry.address.rawValue, entry.ipsecProtocol.rawValue, entry.spiIn?.rawValue,
            entry.spiOut?.rawValue,
          ]
        )
      }
    let places = columns.split(separator: ",").map { _ in "?" }.joined(separator: ", ")
    try database.run(
      "INSERT OR REPLACE INTO withdrawals (number, host, reason, \(columns)) "
        + "VALUES (?, ?, ?, \(places))",
      [number.stored, hosts.number(of: host), reason] + values)
  }
}

extension StoredEntry {
  fileprivate func put(_ id: EntryID, into database: Database, _ hosts: HostNumbers) throws {
    try database.run(
      "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      [
        id.rawValue, hosts.number(of: host), entry.address.rawValue, entry.ipsecProtocol.rawValue,
        entry.spiIn?.rawValue, entry.spiOut?.rawValue, origin == .operator,
        created.monotonic.stored, created.wallClock.stored, expires?.stored,
      ])
  }
}

extension StoredRow.Key {
  fileprivate func remove(from database: Database, _ hosts: HostNumbers) throws {
    switch self {
    case .host(let host):
      try database.run(
        "UPDATE hosts SET suspended_since = NULL, remote = NULL, local = NULL WHERE number = ?",
        [hosts.number(of: host)])
    case .slot(let host):
      try database.run("DELETE FROM slots WHERE host = ?", [hosts.number(of: host)])
    case .ports(let host):
      try database.run("DELETE FROM ports WHERE host = ?", [hosts.number(of: host)])
    case .slotQuarantine(let slot):
      try database.run("DELETE FROM slot_quarantines WHERE slot = ?", [slot.rawValue])
    case .portQuarantine(let unit):
      try database.run("DELETE FROM port_quarantines WHERE unit = ?", [unit])
    case .claim(let spi):
      try database.run("DELETE FROM claims WHERE spi = ?", [spi.rawValue])
    case .claimQuarantine(let spi):
      try database.run("DELETE FROM claim_quarantines WHERE spi = ?", [spi.rawValue])
    case .entry(let id):
      try database.run("DELETE FROM entries WHERE id = ?", [id.rawValue])
    case .revocation(let target, let host):
      try database.run(
        "DELETE FROM revocations WHERE address = ? AND length = ? AND host = ?",
        [target.address.rawValue, target.prefixLength, hosts.scope(host)])
    case .withdrawal(let number):
      try database.run("DELETE FROM withdrawals WHERE number = ?", [number.stored])
    case .action(let number):
      try database.run(
        "DELETE FROM provisional_actions WHERE action = ?", [number.rawValue.stored])
    case .image(let key):
      try database.run(
        "DELETE FROM provisional_images WHERE action = ? AND place = ? AND is_after = ?",
        [key.action.rawValue.stored, key.place, key.isAfter])
    }
  }
}

extension HostNumbers {
  /// The number of a host, or of every host.
  func scope(_ host: HostIndex?) -> Int64 {
    host.map { number(of: $0) } ?? Self.everyHost
  }
}
