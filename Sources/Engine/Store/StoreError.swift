internal import GRDB

/// What the store could not do, as a sentence for people.
package struct StoreError: Error, Hashable, CustomStringConvertible, Sendable {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }

  /// What SQLite or the file system said about the database at `path`.
  init(_ error: any Error, path: String) {
    switch error {
    case let error as StoreError: self = error
    case let error as DatabaseError: self.init(Self.text(of: error, path))
    default: self.init("the state in \(path): \(error)")
    }
  }

  private static func text(of error: DatabaseError, _ path: String) -> String {
    let reason = error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
    return switch error.resultCode {
    case .SQLITE_FULL: "the disk that holds \(path) is full"
    case .SQLITE_NOTADB: "\(path) is not a state file of dnat-console; give store.path another path"
    case .SQLITE_CORRUPT:
      "\(path) is damaged (\(reason)); put a backup in its place, or move it away"
    case .SQLITE_BUSY, .SQLITE_LOCKED: "another program has locked \(path)"
    default: "the state in \(path): \(reason)"
    }
  }
}
