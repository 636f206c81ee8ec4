internal import GRDB
internal import Net
internal import PAP

/// Reads what is stored, table by table, in an order that `RouterState.restore` can take.
struct StoredRowReader {
  let database: Database
  let hosts: HostNumbers

  /// The number of entries stored.
  func entryCount() throws -> Int {
    try Int.fetchOne(database, sql: "SELECT count(*) FROM entries") ?? 0
  }

  /// Calls `take` with each row.
  ///
  /// Rows of hosts that are not configured are passed over, but for quarantines.
  func forEach(_ take: (StoredRow) -> Void) throws {
    try each("SELECT number, suspended_since, remote, local FROM hosts", take) { row in
      host(row, 0).map {
        .host($0, StoredHost(suspendedSince: moment(row, 1), contact: contact(row, 2)))
      }
    }
    try each("SELECT host, slot, lease_end FROM slots", take) { row in
      guard let host = host(row, 0) else { return nil }
      return try .slot(
        host, StoredSlot(slot: valid(Slot(rawValue: row[1])), leaseEnd: moment(row, 2)))
    }
    try each("SELECT host, first, count, lease_end FROM ports", take) { row in
      guard let host = host(row, 0) else { return nil }
      let block = try valid(PortBlock(first: row[1], count: row[2]))
      return .ports(host, StoredPorts(block: block, leaseEnd: moment(row, 3)))
    }
    try each("SELECT spi, host, lease_end FROM claims", take) { row in
      host(row, 1).map {
        .claim(
          SPI(rawValue: row[0]),
          StoredClaim(host: $0, leaseEnd: UInt64(bitPattern: row[2] as Int64)))
      }
    }
    try each("SELECT slot, host, until FROM slot_quarantines", take) { row in
      try .slotQuarantine(valid(Slot(rawValue: row[0])), quarantine(row))
    }
    try each("SELECT unit, host, until FROM port_quarantines", take) { row in
      .portQuarantine(unit: row[0], quarantine(row))
    }
    try each("SELECT spi, host, until FROM claim_quarantines", take) { row in
      .claimQuarantine(SPI(rawValue: row[0]), quarantine(row))
    }
    try each("SELECT * FROM revocations", take, revocation)
    try each(
      """
      SELECT number, host, reason, slot, claim, ports_first, ports_count, address, protocol, spi_in,
        spi_out FROM withdrawals ORDER BY number
      """, take, withdrawal)
    try each("SELECT * FROM entries ORDER BY id", take, entry)
    try each("SELECT * FROM provisional_actions", take) { row in
      let actor = AuditActor(
        userID: (row[1] as Int64?).map { UInt32(truncatingIfNeeded: $0) }, name: row[2],
        source: row[3])
      return .action(actionNumber(row), StoredAction(actor: actor, title: row[4]))
    }
    try each("SELECT * FROM provisional_images", take, image)
  }

  private func actionNumber(_ row: Row) -> ActionNumber {
    ActionNumber(rawValue: UInt64(bitPattern: row[0] as Int64))
  }

  private func image(_ row: Row) throws -> StoredRow? {
    let key = ImageKey(
      action: actionNumber(row), place: row["place"], isAfter: row["is_after"])
    let number: Int64 = row["host"]
    let host = hosts.host(number)
    if (row["length"] as Int?) != nil {
      guard host != nil || number == HostNumbers.everyHost else { return nil }
      return .image(key, try revocationImage(row, host))
    }
    guard let host else { return nil }
    if (row["protocol"] as Int?) != nil { return .image(key, try entryImage(row, host)) }
    let since = UInt64(bitPattern: row["created"] as Int64)
    return .image(key, .suspension(host, since: since))
  }

  private func revocationImage(_ row: Row, _ host: HostIndex?) throws -> StoredImage {
    let target = CIDR(
      IPv4Address(rawValue: try valid(row["address"] as UInt32?)), prefixLength: row["length"])
    let stored = StoredRevocation(
      by: try valid(row["ordered_by"] as String?), reason: row["reason"],
      created: try created(row), expires: expires(row))
    return .revocation(target, host, stored)
  }

  private func entryImage(_ row: Row, _ host: HostIndex) throws -> StoredImage {
    let entry = Entry(
      address: IPv4Address(rawValue: try valid(row["address"] as UInt32?)),
      ipsecProtocol: try valid(IPsecProtocol(rawValue: row["protocol"])),
      spiIn: (row["spi_in"] as UInt32?).map(SPI.init),
      spiOut: (row["spi_out"] as UInt32?).map(SPI.init))
    return .entry(
      StoredEntry(
        host: host, entry: entry, origin: try valid(row["operator"] as Bool?) ? .operator : .host,
        created: try created(row), expires: expires(row)))
  }

  private func created(_ row: Row) throws -> Instant {
    let wallClock = try valid(row["created_wall"] as Int64?)
    return Instant(
      monotonic: UInt64(bitPattern: row["created"] as Int64),
      wallClock: UInt64(bitPattern: wallClock))
  }

  private func expires(_ row: Row) -> UInt64? {
    (row["expires"] as Int64?).map(UInt64.init(bitPattern:))
  }

  private func each(
    _ sql: String, _ take: (StoredRow) -> Void, _ decode: (Row) throws -> StoredRow?
  ) throws {
    let rows = try Row.fetchCursor(database, sql: sql)
    while let row = try rows.next() {
      if let decoded = try decode(row) { take(decoded) }
    }
  }

  private func revocation(_ row: Row) throws -> StoredRow? {
    let number: Int64 = row[2]
    let host = host(row, 2)
    guard host != nil || number == HostNumbers.everyHost else { return nil }
    let target = CIDR(IPv4Address(rawValue: row[0]), prefixLength: row[1])
    return .revocation(
      target, host,
      StoredRevocation(
        by: row[3], reason: row[4], created: instant(row, 5), expires: moment(row, 7)))
  }

  private func withdrawal(_ row: Row) throws -> StoredRow? {
    guard let host = host(row, 1) else { return nil }
    let item: WithdrawnItem =
      if let slot = row[3] as UInt16? {
        .slot(try valid(Slot(rawValue: slot)))
      } else if let spi = row[4] as UInt32? {
        .claim(SPI(rawValue: spi))
      } else if let first = row[5] as UInt16? {
        .ports(try valid(PortBlock(first: first, count: row[6])))
      } else {
        .entry(try address(row, 7))
      }
    return .withdrawal(
      UInt64(bitPattern: row[0] as Int64),
      StoredWithdrawal(host: host, item: item, reason: row[2]))
  }

  private func entry(_ row: Row) throws -> StoredRow? {
    guard let host = host(row, 1) else { return nil }
    let stored = StoredEntry(
      host: host, entry: try address(row, 2), origin: row[6] ? .operator : .host,
      created: instant(row, 7), expires: moment(row, 9))
    return .entry(EntryID(rawValue: row[0]), stored)
  }

  /// An address with its protocol and its SPIs, in four columns.
  private func address(_ row: Row, _ column: Int) throws -> Entry {
    Entry(
      address: IPv4Address(rawValue: row[column]),
      ipsecProtocol: try valid(IPsecProtocol(rawValue: row[column + 1])),
      spiIn: (row[column + 2] as UInt32?).map(SPI.init),
      spiOut: (row[column + 3] as UInt32?).map(SPI.init))
  }

  private func quarantine(_ row: Row) -> StoredQuarantine {
    StoredQuarantine(
      lastHolder: (row[1] as Int64?).flatMap(hosts.host), until: UInt64(bitPattern: row[2] as Int64)
    )
  }

  private func host(_ row: Row, _ column: Int) -> HostIndex? { hosts.host(row[column]) }

  private func contact(_ row: Row, _ column: Int) -> Contact? {
    guard let remote = (row[column] as String?).flatMap({ Endpoint($0) }),
      let local = (row[column + 1] as String?).flatMap({ Endpoint($0) })
    else { return nil }
    return Contact(remote: remote, local: local)
  }

  private func moment(_ row: Row, _ column: Int) -> UInt64? {
    (row[column] as Int64?).map(UInt64.init(bitPattern:))
  }

  private func instant(_ row: Row, _ column: Int) -> Instant {
    Instant(
      monotonic: UInt64(bitPattern: row[column] as Int64),
      wallClock: UInt64(bitPattern: row[column + 1] as Int64))
  }

  // The tables' own rules keep such values out: the file has been changed by something else.
  private func valid<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw StoreError("the state has a row that no router can have written") }
    return value
  }
}
