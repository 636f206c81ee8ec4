internal import GRDB

/// The tables, and how older ones become them.
enum StoreSchema {
  /// Marks the file as one of dnat-console's ("DNAT").
  private static let applicationID: Int32 = 0x444e_4154

  /// Statements that lead from one version of the schema to the next; the first from an empty file.
  ///
  /// A step that was released is never changed: add another.
  static let migrations = [version1, version2, version3]

  // Moments are nanoseconds of the router's time line (`Timeline`), as signed numbers of the same
  // 64 bits; `created_wall` is nanoseconds since 1970. Addresses are numbers in host byte order.
  private static let version1 = """
    CREATE TABLE router (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      epoch INTEGER NOT NULL CHECK (epoch BETWEEN 1 AND 4294967295),
      external_address INTEGER NOT NULL,
      boot TEXT NOT NULL, clock_offset INTEGER NOT NULL, clock INTEGER NOT NULL,
      audit_sequence INTEGER NOT NULL, audit_hash BLOB NOT NULL
    ) STRICT;
    CREATE TABLE hosts (
      number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
      suspended_since INTEGER, remote TEXT, local TEXT
    ) STRICT;
    CREATE TABLE slots (
      host INTEGER PRIMARY KEY, slot INTEGER NOT NULL CHECK (slot BETWEEN 1 AND 65535),
      lease_end INTEGER
    ) STRICT;
    CREATE TABLE ports (
      host INTEGER PRIMARY KEY, first INTEGER NOT NULL CHECK (first BETWEEN 0 AND 65535),
      count INTEGER NOT NULL CHECK (count BETWEEN 1024 AND 32768), lease_end INTEGER
    ) STRICT;
    CREATE TABLE slot_quarantines (
      slot INTEGER PRIMARY KEY CHECK (slot BETWEEN 1 AND 65535), host INTEGER,
      until INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE port_quarantines (
      unit INTEGER PRIMARY KEY CHECK (unit BETWEEN 0 AND 63), host INTEGER,
      until INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE claims (
      spi INTEGER PRIMARY KEY CHECK (spi BETWEEN 0 AND 4294967295), host INTEGER NOT NULL,
      lease_end INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE claim_quarantines (
      spi INTEGER PRIMARY KEY CHECK (spi BETWEEN 0 AND 4294967295), host INTEGER,
      until INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE entries (
      id INTEGER PRIMARY KEY CHECK (id BETWEEN 0 AND 16777215), host INTEGER NOT NULL,
      address INTEGER NOT NULL CHECK (address BETWEEN 0 AND 4294967295),
      protocol INTEGER NOT NULL CHECK (protocol IN (0, 50, 51)),
      spi_in INTEGER CHECK (spi_in BETWEEN 0 AND 4294967295),
      spi_out INTEGER CHECK (spi_out BETWEEN 0 AND 4294967295),
      operator INTEGER NOT NULL CHECK (operator IN (0, 1)),
      created INTEGER NOT NULL, created_wall INTEGER NOT NULL, expires INTEGER
    ) STRICT;
    CREATE TABLE revocations (
      address INTEGER NOT NULL CHECK (address BETWEEN 0 AND 4294967295),
      length INTEGER NOT NULL CHECK (length BETWEEN 0 AND 32),
      host INTEGER NOT NULL, operator TEXT NOT NULL, reason TEXT,
      created INTEGER NOT NULL, created_wall INTEGER NOT NULL, expires INTEGER,
      PRIMARY KEY (address, length, host)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE audit (
      sequence INTEGER PRIMARY KEY, time INTEGER NOT NULL, uid INTEGER, name TEXT NOT NULL,
      source TEXT, action TEXT NOT NULL, target TEXT NOT NULL, detail TEXT NOT NULL,
      result TEXT NOT NULL, hash BLOB NOT NULL
    ) STRICT;
    """

  /// Since version 2 a host hears of what was taken from it although the router has restarted.
  private static let version2 = """
    CREATE TABLE withdrawals (
      number INTEGER PRIMARY KEY, host INTEGER NOT NULL, reason TEXT NOT NULL,
      slot INTEGER CHECK (slot BETWEEN 1 AND 65535),
      claim INTEGER CHECK (claim BETWEEN 0 AND 4294967295),
      ports_first INTEGER CHECK (ports_first BETWEEN 0 AND 65535),
      ports_count INTEGER CHECK (ports_count BETWEEN 1024 AND 32768),
      address INTEGER CHECK (address BETWEEN 0 AND 4294967295),
      protocol INTEGER CHECK (protocol IN (0, 50, 51)),
      spi_in INTEGER CHECK (spi_in BETWEEN 0 AND 4294967295),
      spi_out INTEGER CHECK (spi_out BETWEEN 0 AND 4294967295),
      CHECK ((slot IS NULL) + (claim IS NULL) + (ports_first IS NULL) + (address IS NULL) = 3),
      CHECK ((ports_first IS NULL) = (ports_count IS NULL)),
      CHECK ((address IS NULL) = (protocol IS NULL))
    ) STRICT;
    """

  // What is provisional: an action of `provisional_actions`, and for each of its changes how things
  // were and how they became. An image is an entry if it has a protocol, a revocation if it has a
  // length, else a suspension since `created`.
  private static let version3 = """
    CREATE TABLE provisional_actions (
      action INTEGER PRIMARY KEY, uid INTEGER, name TEXT NOT NULL, source TEXT,
      title TEXT NOT NULL
    ) STRICT;
    CREATE TABLE provisional_images (
      action INTEGER NOT NULL, place INTEGER NOT NULL,
      is_after INTEGER NOT NULL CHECK (is_after IN (0, 1)), host INTEGER NOT NULL,
      address INTEGER CHECK (address BETWEEN 0 AND 4294967295),
      length INTEGER CHECK (length BETWEEN 0 AND 32),
      protocol INTEGER CHECK (protocol IN (0, 50, 51)),
      spi_in INTEGER CHECK (spi_in BETWEEN 0 AND 4294967295),
      spi_out INTEGER CHECK (spi_out BETWEEN 0 AND 4294967295),
      operator INTEGER CHECK (operator IN (0, 1)), ordered_by TEXT, reason TEXT,
      created INTEGER NOT NULL, created_wall INTEGER, expires INTEGER,
      PRIMARY KEY (action, place, is_after)
    ) STRICT, WITHOUT ROWID;
    """

  /// Brings the tables to the newest version, in the transaction that the caller has begun.
  ///
  /// - Throws: `StoreError` for a file of another program, or of a newer version of this one.
  static func migrate(_ database: Database, path: String, to migrations: [String]) throws {
    let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    let marked = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
    let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
    guard marked == applicationID || (tables == 0 && version == 0) else {
      throw StoreError("\(path) is not a state file of dnat-console; give store.path another path")
    }
    guard version <= migrations.count else {
      throw StoreError(
        "\(path) was written by a newer version of dnat-console (schema \(version); this one knows "
          + "\(migrations.count)): install that version again, or move the file away and let every "
          + "host lease anew")
    }
    guard version < migrations.count else { return }
    for step in migrations[version...] { try database.execute(sql: step) }
    try database.execute(sql: "PRAGMA application_id = \(applicationID)")
    try database.execute(sql: "PRAGMA user_version = \(migrations.count)")
  }
}
