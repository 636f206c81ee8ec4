internal import FoundationEssentials
internal import GRDB

/// What was provisional for hosts that are no longer configured.
///
/// The state does not know them, so it cannot roll it back; and what is kept of them for the day they
/// come back must not be what nobody has said to keep. Entries need nothing: they are gone.
struct DepartedProvisions {
  private let database: Database
  /// The router's time, nanoseconds.
  private let now: UInt64

  init(_ database: Database, now: UInt64) {
    self.database = database
    self.now = now
  }

  /// Makes revocations and suspensions what they were before, those that are still what the action
  /// has made of them.
  func rollBack(where isDeparted: String) throws {
    let images = try Row.fetchAll(
      database,
      sql: """
        SELECT * FROM provisional_images WHERE protocol IS NULL AND \(isDeparted)
          ORDER BY action DESC, place DESC, is_after DESC
        """)
    var rest = images[...]
    while let image = rest.popFirst() {
      let other = rest.first { Self.isSameChange($0, image) }
      if other != nil { rest.removeFirst() }
      let isAfter: Bool = image["is_after"]
      try undo(before: isAfter ? other : image, after: isAfter ? image : nil, of: image)
    }
  }

  private static func isSameChange(_ one: Row, _ other: Row) -> Bool {
    (one["action"] as Int64) == other["action"] && (one["place"] as Int64) == other["place"]
  }

  private func undo(before: Row?, after: Row?, of image: Row) throws {
    guard (image["length"] as Int?) != nil else {
      return try database.execute(
        sql: "UPDATE hosts SET suspended_since = ? WHERE number = ? AND suspended_since IS ?",
        arguments: [
          before?["created"] as Int64?, image["host"] as Int64, after?["created"] as Int64?,
        ])
    }
    if let after, try !remove(after) { return }
    if let before { try restore(before) }
  }

  /// Ends a revocation; false if there is none like that.
  private func remove(_ image: Row) throws -> Bool {
    try database.execute(
      sql: """
        DELETE FROM revocations WHERE address = ? AND length = ? AND host = ? AND operator = ?
          AND reason IS ? AND created = ? AND expires IS ?
        """,
      arguments: [
        image["address"], image["length"], image["host"], image["ordered_by"], image["reason"],
        image["created"], image["expires"],
      ])
    return database.changesCount > 0
  }

  private func restore(_ image: Row) throws {
    if let end = image["expires"] as Int64?, UInt64(bitPattern: end) <= now { return }
    try database.execute(
      sql: "INSERT OR IGNORE INTO revocations VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      arguments: [
        image["address"], image["length"], image["host"], image["ordered_by"], image["reason"],
        image["created"], image["created_wall"], image["expires"],
      ])
  }
}
