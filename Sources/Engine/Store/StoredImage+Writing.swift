internal import GRDB
internal import PAP

extension StoredImage {
  /// Puts one half of a provisional change into its table.
  func put(_ key: ImageKey, into database: Database, _ hosts: HostNumbers) throws {
    let names = "action, place, is_after, host, "
    let place: StatementArguments = [key.action.rawValue.stored, key.place, key.isAfter]
    switch self {
    case .entry(let row):
      try database.run(
        """
        INSERT OR REPLACE INTO provisional_images
          (\(names)address, protocol, spi_in, spi_out, operator, created, created_wall, expires)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        place + [
          hosts.number(of: row.host), row.entry.address.rawValue, row.entry.ipsecProtocol.rawValue,
          row.entry.spiIn?.rawValue, row.entry.spiOut?.rawValue, row.origin == .operator,
          row.created.monotonic.stored, row.created.wallClock.stored, row.expires?.stored,
        ])
    case .revocation(let target, let host, let row):
      try database.run(
        """
        INSERT OR REPLACE INTO provisional_images
          (\(names)address, length, ordered_by, reason, created, created_wall, expires)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        place + [
          hosts.scope(host), target.address.rawValue, target.prefixLength, row.by, row.reason,
          row.created.monotonic.stored, row.created.wallClock.stored, row.expires?.stored,
        ])
    case .suspension(let host, let since):
      try database.run(
        "INSERT OR REPLACE INTO provisional_images (\(names)created) VALUES (?, ?, ?, ?, ?)",
        place + [hosts.number(of: host), since.stored])
    }
  }
}
